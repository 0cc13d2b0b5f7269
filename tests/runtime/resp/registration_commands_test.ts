/**
 * The commands of registrations: shapes and error texts of RedisGears 1.2.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { RespValue } from "../../../redis/resp_decoder.ts";
import { until } from "./raw_client.ts";
import { startAsking } from "./start_asking.ts";

const MY_ID = "0".repeat(40);
const UNKNOWN = `${MY_ID}-999`;
const SCRIPT = `GB("StreamReader", "*", "counts")
  .forEach((r) => { if (r.value.n === "bad") throw new Error("it is bad"); })
  .register({ prefix: "s:*", batch: 2, duration: 5, onFailedPolicy: "Retry", retryIntervalMs: 2000,
    attempts: 1, trimStream: false })`;

Deno.test("RG.DUMPREGISTRATIONS and the commands that change registrations", async (t) => {
  await using env = await startAsking();
  const { ask, fail } = env;
  assertEquals(await ask("RG.DUMPREGISTRATIONS"), []);
  assertEquals(await ask("RG.TSEXECUTE", SCRIPT, "ID", "mine", "DESCRIPTION", "d"), "OK");
  const dump = async () => await ask("RG.DUMPREGISTRATIONS", "ignored") as RespValue[][];
  const [[, id]] = await dump();

  await t.step("a StreamReader is shown as in RedisGears", async () => {
    const [entry, ...others] = await dump();
    assertEquals([entry.length, others], [12, []]);
    const [idName, shownId, reader, readerName, desc, description, dataName, data] = entry;
    assertEquals([idName, reader, readerName], ["id", "reader", "StreamReader"]);
    assertEquals([desc, description, dataName], ["desc", "counts", "RegistrationData"]);
    assertMatch(`${shownId}`, /^0{40}-\d+$/);
    assertEquals(data, [
      ...["mode", "async", "numTriggered", 0, "numSuccess", 0, "numFailures", 0],
      ...["numAborted", 0, "lastRunDurationMS", 0, "totalRunDurationMS", 0],
      ...["avgRunDurationMS", "0", "lastEstimatedLagMS", 0, "avgEstimatedLagMS", "0"],
      ...["lastError", null, "args"],
      [
        ...["batchSize", 2, "durationMS", 5, "stream", "s:*", "trimStream", 0],
        ...["onFailedPolicy", "retry", "retryInterval", 2],
      ],
      ...["status", "OK"],
    ]);
    assertEquals(entry[8], "PD");
    assertEquals(
      entry[9],
      `{'sessionName':'mine', 'sessionDescription':'d', 'refCount': 1, 'linkedTo': primary, ` +
        `'dead': false, 'isInstallationNeeded':0, 'registrationsList':['${id}'], 'depsList':[]}`,
    );
    assertEquals(entry.slice(10), ["ExecutionThreadPool", "DefaultPool"]);
  });

  await t.step("figures are where tests of RedisGears look for them", async () => {
    await ask("XADD", "s:1", "*", "n", "good");
    await ask("XADD", "s:1", "*", "n", "good");
    const data = async () => (await dump())[0][7] as RespValue[];
    await until(async () => (await data())[5] === 1);
    await ask("XADD", "s:2", "*", "n", "bad");
    await until(async () => Number((await data())[7]) > 0);
    assertMatch(`${(await data())[21]}`, /it is bad/);
    assertEquals(await ask("RG.CLEARREGISTRATIONSSTATS"), "OK");
    assertEquals((await data())[5], 0);
  });

  await t.step("RG.DUMPSESSIONS names it, and shows it with VERBOSE", async () => {
    const [session] = await ask("RG.DUMPSESSIONS") as RespValue[][];
    assertEquals(session.slice(-2), ["registrations", [id]]);
    assertEquals(session.slice(4, 6), ["refCount", 1]);
    const [verbose] = await ask("RG.DUMPSESSIONS", "VERBOSE", "SESSIONS", "mine") as RespValue[][];
    const [[...entry]] = verbose[15] as RespValue[][];
    assertEquals([entry.length, entry[0], entry[1]], [10, "id", id]);
  });

  await t.step("RG.PAUSEREGISTRATIONS and RG.UNPAUSEREGISTRATIONS", async () => {
    const status = async () => ((await dump())[0][7] as RespValue[])[25];
    const missing = `Execution ${UNKNOWN} does not exists on shard ${MY_ID}`;
    assertEquals(await fail("RG.PAUSEREGISTRATIONS", UNKNOWN), missing);
    assertEquals(await fail("RG.PAUSEREGISTRATIONS", `${id}`, UNKNOWN), missing);
    assertEquals(
      await fail("RG.PAUSEREGISTRATIONS", "ABORTPENDING"),
      "ERR no registration to pause",
    );
    assertEquals(await ask("RG.PAUSEREGISTRATIONS", `${id}`, "abortpending"), "OK");
    assertEquals(await status(), "PAUSED");
    assertEquals(await fail("RG.UNPAUSEREGISTRATIONS", UNKNOWN), missing);
    assertEquals(await ask("RG.UNPAUSEREGISTRATIONS", `${id}`), "OK");
    assertEquals(await status(), "OK");
    for (const command of ["RG.PAUSEREGISTRATIONS", "RG.UNPAUSEREGISTRATIONS"]) {
      assertMatch(await fail(command), /^ERR wrong number of arguments for 'rg\.(un)?pause/);
    }
  });

  await t.step("RG.UNREGISTER", async () => {
    assertMatch(await fail("RG.UNREGISTER"), /^ERR wrong number of arguments/);
    assertMatch(await fail("RG.UNREGISTER", "a", "b", "c"), /^ERR wrong number of arguments/);
    assertEquals(await fail("RG.UNREGISTER", UNKNOWN), "execution is not registered");
    assertEquals(await fail("RG.UNREGISTER", "x", "ABORTPENDING"), "execution is not registered");
    assertEquals(await ask("RG.UNREGISTER", `${id}`, "something"), "OK");
    assertEquals(await fail("RG.UNREGISTER", `${id}`), "execution is not registered");
    assertEquals(await ask("RG.DUMPREGISTRATIONS"), []);
    assertEquals(await ask("RG.DUMPSESSIONS"), []);
  });

  await t.step("an id is taken while something is registered under it", async () => {
    assertEquals(await ask("RG.TSEXECUTE", SCRIPT, "ID", "mine", "UNBLOCKING"), "OK");
    assertEquals(await fail("RG.TSEXECUTE", SCRIPT, "ID", "mine"), "Session mine already exists");
    assertEquals(await ask("RG.TSEXECUTE", SCRIPT, "ID", "mine", "UPGRADE"), "OK");
    assertEquals(
      await fail("RG.TSEXECUTE", SCRIPT, "ID", "mine", "REPLACE_WITH", "mine"),
      "Can not replace an existing session mine with mine",
    );
    assertEquals(await ask("RG.TSEXECUTE", SCRIPT, "ID", "new", "REPLACE_WITH", "mine"), "OK");
    assertEquals((await dump()).length, 1);
  });
});
