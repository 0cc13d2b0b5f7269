import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { QUARANTINE_DEATHS, RestartPolicy } from "../../../runtime/library/restart_policy.ts";

const DEATH = new PinionError("ISOLATE_DIED", "it died");
const LONG_AFTER = 1_000_000;

/** A policy of which the library has died so often at once. */
function afterDeaths(deaths: number): RestartPolicy {
  const policy = new RestartPolicy();
  for (let death = 0; death < deaths; death++) policy.died(DEATH, 0);
  return policy;
}

/** The first millisecond at which a session may begin. */
function mayStartAt(policy: RestartPolicy): number {
  for (let low = 0, high = LONG_AFTER;;) {
    if (low === high) return low;
    const middle = Math.floor((low + high) / 2);
    if (mayStart(policy, middle)) high = middle;
    else low = middle + 1;
  }
}

function mayStart(policy: RestartPolicy, nowMs: number): boolean {
  try {
    policy.check("lib", nowMs);
    return true;
  } catch (error) {
    if (error instanceof PinionError && error.code === "LIBRARY_STOPPED") return false;
    throw error;
  }
}

Deno.test("after one death a library starts at once, then after pauses that double", () => {
  const pauses = [0, 1, 2, 3, 4, 9].map((deaths) => mayStartAt(afterDeaths(deaths)));
  assertEquals(pauses, [0, 0, 100, 200, 400, 12_800]);
});

Deno.test("the tenth death in a row is the one of quarantine, the ninth is not", () => {
  assertEquals(QUARANTINE_DEATHS, 10);
  const [ninth, tenth] = [afterDeaths(9), afterDeaths(10)];
  assertEquals(ninth.state, "backing off: it died");
  assertEquals(mayStart(ninth, LONG_AFTER), true);
  assertEquals(tenth.state, "quarantined: it died");
  const error = assertThrows(() => tenth.check("lib", LONG_AFTER), PinionError);
  assertMatch(error.message, /in quarantine after 10 deaths in a row/);
});

Deno.test("one death is not shown, and a state ends when a person lifts it", () => {
  assertEquals([0, 1, 2].map((deaths) => afterDeaths(deaths).state), [
    null,
    null,
    "backing off: it died",
  ]);
  const policy = afterDeaths(10);
  policy.reset();
  assertEquals([policy.state, mayStart(policy, 0)], [null, true]);
});

Deno.test("a session that lived for a minute was healthy: deaths count anew", () => {
  for (const [livedMs, state] of [[59_999, "backing off: it died"], [60_000, null]] as const) {
    const policy = afterDeaths(9);
    policy.started(1_000);
    policy.died(DEATH, 1_000 + livedMs);
    assertEquals(policy.state === null, state === null, `lived for ${livedMs} ms`);
  }
});
