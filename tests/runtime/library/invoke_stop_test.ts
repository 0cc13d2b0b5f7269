import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { engineSuite } from "../../support/engine_suite.ts";
import { isolatePids } from "../../support/isolate_processes.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { deploy, invoke, refusal } from "./library_calls.ts";

/** A library of functions and batches that go on for ever, or for a while. */
const LIBRARY = `import { execute, GearsBuilder } from "pinion";
let calls = 0;
export function count() { return ++calls; }
export function echo(input) { return input; }
export async function spin() { for (;;); }
export async function never() { await new Promise(() => {}); }
export async function slow(ms) { await new Promise((done) => setTimeout(done, ms)); return ms; }
export const endless = new GearsBuilder("GeneratorReader", () => [0])
  .map(async () => { for (;;) await execute("PING"); });
export const busy = new GearsBuilder("GeneratorReader", () => [0]).map(() => { for (;;); });
export const hangs = new GearsBuilder("GeneratorReader", () => [0])
  .map(() => new Promise(() => {}));`;

engineSuite("engine: invocations that do not end by themselves", {
  "a builder whose caller goes away is aborted, the library lives on": async (test) => {
    await deploy(test, LIBRARY);
    await waitUntil(async () => {
      const before = await invoke(test, "count");
      const gone = new AbortController();
      const running = refusal(invoke(test, "endless", undefined, gone.signal), "EXECUTION_ABORTED");
      await waitUntil(() => test.engine.listExecutions().length === 1);
      gone.abort();
      await running;
      assertEquals(test.engine.listExecutions(), []);
      // On a busy machine its isolate may not let go in time.
      return await invoke(test, "count").then((count) => count === before + 1, () => false);
    });
    await refusal(invoke(test, "endless", undefined, AbortSignal.abort()), "EXECUTION_ABORTED");
  },

  "what runs beside something that has to be stopped may be tried again": async (test) => {
    await waitUntil(() => invoke(test, "count").then(() => true, () => false));
    const beside = refusal(invoke(test, "slow", 10_000), "ISOLATE_DIED");
    const running = refusal(invoke(test, "hangs"), "EXECUTION_ABORTED");
    await waitUntil(() => test.engine.listExecutions()[0]?.status === "running");
    await test.engine.abortExecution(test.engine.listExecutions()[0].executionId);
    assertEquals((await beside).kind.retryable, true);
    await running;
    await waitUntil(() => invoke(test, "count").then((count) => count === 1, () => false));
    assertEquals(test.engine.listLibraries()[0].state, "ready");
  },

  "a builder that does not let go in time is aborted with its isolate": async (test) => {
    for (const name of ["busy", "hangs"]) {
      await waitUntil(() => invoke(test, "count").then(() => true, () => false));
      const running = refusal(invoke(test, name), "EXECUTION_ABORTED");
      await waitUntil(() => test.engine.listExecutions()[0]?.status === "running");
      const started = performance.now();
      await test.engine.abortExecution(test.engine.listExecutions()[0].executionId);
      await running;
      assertLess(performance.now() - started, 300);
      await waitUntil(() => invoke(test, "count").then((count) => count === 1, () => false));
    }
  },

  "a function whose caller goes away goes on, and lets go of the signal": async (test) => {
    const gone = new AbortController();
    let listeners = 0;
    const { signal } = gone;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: unknown[]) => {
      listeners++;
      addEventListener.apply(signal, args as never);
    };
    signal.removeEventListener = (...args: unknown[]) => {
      listeners--;
      removeEventListener.apply(signal, args as never);
    };
    assertEquals(await invoke(test, "echo", 1, signal), 1);
    assertEquals(listeners, 0);
    const running = refusal(invoke(test, "slow", 50, signal), "EXECUTION_ABORTED");
    gone.abort();
    await running;
    await refusal(invoke(test, "echo", 1, AbortSignal.abort()), "EXECUTION_ABORTED");
  },

  "an invocation that takes too long ends its isolate, and the next one works": async (test) => {
    await deploy(test, LIBRARY, { name: "short", manifest: { timeoutMs: 200 } });
    const other = await invoke(test, "count");
    for (const name of ["short/spin", "short/never", "short/busy", "short/hangs"]) {
      const error = await refusal(invoke(test, name), "LIMIT_TIME");
      assertMatch(
        error.message,
        /^The function was stopped: an (invocation|execution) took longer than 200 ms \(\w+\)$/,
      );
      await waitUntil(() => invoke(test, "short/count").then((count) => count === 1, () => false));
    }
    assertEquals(await invoke(test, "count"), other + 1);
  },

  "an invocation that nobody waits for any more is stopped in time, too": async (test) => {
    const gone = new AbortController();
    const sessions = () => test.engine.listSessions().filter(({ library }) => library === "short");
    await waitUntil(() => invoke(test, "short/count").then(() => true, () => false));
    const running = refusal(
      invoke(test, "short/spin", undefined, gone.signal),
      "EXECUTION_ABORTED",
    );
    gone.abort();
    await running;
    assertEquals(sessions().length, 1);
    await waitUntil(() => sessions().length === 0);
    await test.engine.undeploy("short");
  },

  "an isolate that is killed from outside fails what it had, and starts again": async (test) => {
    await invoke(test, "count");
    const busy = refusal(invoke(test, "slow", 10_000), "ISOLATE_DIED");
    for (const pid of await isolatePids()) Deno.kill(pid, "SIGKILL");
    await busy;
    await waitUntil(() => invoke(test, "count").then((count) => count === 1, () => false));
    assertEquals(await invoke(test, "count"), 2);
  },
});
