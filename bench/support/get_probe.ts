/**
 * A second client of the same Redis, in a thread of its own so that nothing but Redis and the
 * machine delays it.
 *
 * @module
 */

import type { ProbeOrder, ProbeReport } from "../processes/get_probe.ts";

/** Latencies in milliseconds of GETs that are asked about once a millisecond while `work` runs. */
export async function probeWhile(
  target: ProbeOrder,
  work: () => Promise<unknown>,
): Promise<readonly number[]> {
  const thread = new Worker(new URL("../processes/get_probe.ts", import.meta.url), {
    type: "module",
  });
  try {
    const asking = nextReport(thread);
    thread.postMessage(target);
    await asking;
    await work();
    const latencies = nextReport(thread);
    thread.postMessage("stop");
    return await latencies as readonly number[];
  } finally {
    thread.terminate();
  }
}

function nextReport(thread: Worker): Promise<ProbeReport> {
  return new Promise((resolve, reject) => {
    thread.onmessage = ({ data }: MessageEvent<ProbeReport>) => resolve(data);
    thread.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });
}
