import { assertEquals, assertThrows } from "@std/assert";
import type { Hello } from "../../../coordinator/mesh/hello/hello_messages.ts";
import { PeerState } from "../../../coordinator/mesh/peers/peer_state.ts";
import { RemoteRuntime } from "../../../coordinator/mesh/peers/remote_runtime.ts";

const URL_A = "http://127.0.0.1:1";
const URL_B = "http://127.0.0.1:2";

function hello(epoch: number, runId = "r1"): Hello {
  const nonce = "0".repeat(64);
  return {
    ...{ protocol: 1, shardId: "b", runId, epoch, to: "a", origin: URL_A, nonce },
    windowBytes: 1,
  };
}

Deno.test("news of an older epoch, or of the same address and epoch, change nothing", () => {
  const runtime = new RemoteRuntime({ url: URL_A, epoch: 5 });
  assertEquals(runtime.move({ url: URL_B, epoch: 4 }, false), false);
  assertEquals(runtime.move({ url: URL_A, epoch: 5 }, true), false);
  assertEquals(runtime.address, { url: URL_A, epoch: 5 });
});

Deno.test("another address is another runtime", () => {
  const runtime = new RemoteRuntime({ url: URL_A, epoch: 5 });
  assertEquals(runtime.move({ url: URL_B, epoch: 5 }, false), true);
});

Deno.test("a newer epoch of the same address is linked anew only where it was lost", () => {
  const runtime = new RemoteRuntime({ url: URL_A, epoch: 5 });
  assertEquals(runtime.move({ url: URL_A, epoch: 6 }, false), false);
  assertEquals(runtime.move({ url: URL_A, epoch: 7 }, true), true);
});

Deno.test("a runtime that is linked already is not linked anew when membership hears of it", () => {
  const runtime = new RemoteRuntime({ url: URL_A, epoch: 5 });
  runtime.meet(hello(8));
  assertEquals(runtime.move({ url: URL_B, epoch: 8 }, false), false);
  assertEquals(runtime.address.url, URL_B);
});

Deno.test("a lease older than the one of who acts is outdated", () => {
  const runtime = new RemoteRuntime({ url: URL_A, epoch: 5 });
  assertEquals([4, 5].map((epoch) => runtime.isOutdated(hello(epoch))), [true, false]);
  runtime.meet(hello(7));
  assertEquals(runtime.isOutdated(hello(6)), true);
});

Deno.test("the end of an exchange is explained by the run of the process", () => {
  const runtime = new RemoteRuntime({ url: URL_A, epoch: 5 });
  runtime.meet(hello(5));
  assertEquals(runtime.explainEnd(hello(5)), "it took this runtime for lost");
  assertEquals(runtime.explainEnd(hello(6, "r2")), "its runtime was started again");
});

Deno.test("a peer goes through the states of the drawing only", () => {
  const state = new PeerState();
  assertThrows(() => state.enter("broken"), TypeError, "awaited cannot become broken");
  for (const next of ["linked", "broken", "linked", "lost", "awaited"] as const) state.enter(next);
  assertThrows(() => state.enter("awaited"), TypeError);
});
