/**
 * Runs one test file in a copy, with a deadline for each case and one for the file.
 *
 * @module
 */

import { CaseWatch } from "./case_watch.ts";
import { killGroup } from "./processes.ts";
import type { ThrowawayCopy } from "./throwaway_copy.ts";

/** Outcome of a test file. */
export interface TestOutcome {
  /** `late`: the file's time was up while its cases went on. */
  readonly kind: "passed" | "failed" | "hung" | "late";
  /** Name of the case that failed or hung, else empty. */
  readonly name: string;
}

/** Bounds of a run, in ms. */
export interface TestLimits {
  /** Longest time of a case. */
  readonly caseMs: number;
  /** Longest time of the file. */
  readonly fileMs: number;
}

/** As the suite is run, but that types are not looked at and the first failure is the last one. */
const FLAGS = [
  "test",
  "--allow-all",
  "--no-check",
  "--fail-fast",
  "--sanitize-ops",
  "--sanitize-resources",
  "--v8-flags=--expose-gc",
];
/** Time in which the deadlines are looked at. */
const LOOK_MS = 250;
/** Time for a failed file to print why, and to stop its servers itself. */
const FAREWELL_MS = 2_000;

/** Runs a test file. @throws what `signal` was aborted with */
export async function runTest(
  copy: ThrowawayCopy,
  path: string,
  limits: TestLimits,
  signal: AbortSignal,
): Promise<TestOutcome> {
  signal.throwIfAborted();
  const child = startTest(copy, path);
  const watch = new CaseWatch();
  const end = Promise.withResolvers<TestOutcome>();
  const stop = () => end.reject(signal.reason);
  signal.addEventListener("abort", stop);
  const timer = setInterval(() => {
    const outcome = judge(watch, limits, startedMs);
    if (outcome !== null) end.resolve(outcome);
  }, LOOK_MS);
  const startedMs = performance.now();
  const output = Promise.all([follow(child.stdout, watch), follow(child.stderr, watch)]);
  const ended = child.status.then(({ success }) => toOutcome(success, watch));
  try {
    return await Promise.race([ended, end.promise]);
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", stop);
    killGroup(child.pid);
    await copy.clean();
    await Promise.all([ended, output]);
  }
}

/** Looks at the types of some files. */
export async function checkTypes(copy: ThrowawayCopy, paths: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", ...paths],
    cwd: copy.root,
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

function startTest(copy: ThrowawayCopy, path: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...FLAGS, path],
    cwd: copy.root,
    env: { NO_COLOR: "1", TMPDIR: copy.scratch },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A group of its own, which is killed as a whole.
    detached: true,
  }).spawn();
}

/** Outcome of a file that still runs, null where it may go on. */
function judge(watch: CaseWatch, limits: TestLimits, startedMs: number): TestOutcome | null {
  const now = performance.now();
  const isSilent = now - watch.lastEndMs > limits.caseMs;
  if (watch.failed !== null) {
    return now - watch.lastEndMs > FAREWELL_MS ? toOutcome(false, watch) : null;
  }
  if (isSilent) return { kind: "hung", name: watch.running };
  return now - startedMs > limits.fileMs ? { kind: "late", name: watch.running } : null;
}

function toOutcome(isSuccess: boolean, watch: CaseWatch): TestOutcome {
  if (isSuccess) return { kind: "passed", name: "" };
  return {
    kind: watch.hasTimedOut ? "hung" : "failed",
    // Where no case failed, the file did not load or its process ended.
    name: watch.failed ?? `${watch.running}, process ended`,
  };
}

async function follow(stream: ReadableStream<Uint8Array<ArrayBuffer>>, watch: CaseWatch) {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) watch.take(text);
}
