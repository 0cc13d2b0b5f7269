/**
 * A bare HTTP/2 client. Argument: the server's port. Each line of stdin is a path and a number of
 * batches to send there; prints the time until the reply has come, in milliseconds.
 *
 * @module
 */

import { BATCH_BYTES } from "../cluster/batch.ts";
import { readLines } from "./lines.ts";

const client = Deno.createHttpClient({ http1: false, http2: true });

/** Batches that wait in the stream. */
const AHEAD = 4;

function sendBatches(count: number): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(BATCH_BYTES));
      else controller.close();
    },
  }, { highWaterMark: AHEAD });
}

for await (const line of readLines()) {
  const [path, count] = line.split(" ");
  const started = performance.now();
  const response = await fetch(`http://127.0.0.1:${Deno.args[0]}${path}`, {
    method: "POST",
    body: sendBatches(Number(count)),
    client,
  });
  let received = 0;
  for await (const chunk of response.body!) received += chunk.byteLength;
  if (path === "/echo" && received !== Number(count) * BATCH_BYTES) {
    throw new Error(`${received} bytes came back`);
  }
  console.log(performance.now() - started);
}
