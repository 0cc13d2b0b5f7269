/**
 * What a worker posts to its host thread when the whole sandbox is hostile: what cannot be ends the
 * process, what names nothing is ignored, and the runtime hears of neither but the end.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { ManagedServer } from "../../servers/managed_server.ts";
import { prepareChildBundle } from "../support/child_bundle.ts";
import { Isolate } from "../../isolate/process/isolate.ts";
import { processExists } from "../../isolate/process/process_info.ts";
import { pause, until } from "./support/security_suite.ts";

/** Each ends the process. */
const FATAL = {
  "nothing": "undefined",
  "null": "null",
  "text": `"ready"`,
  "a type that there is not": `{ type: "launch" }`,
  "a type out of Object": `{ type: "toString" }`,
  "no bytes for the runtime": `{ type: "up", bytes: "text" }`,
  "no bytes for Redis": `{ type: "commands", link: 0, generation: 0, bytes: [42] }`,
  "an end of its own": `{ type: "broken" }`,
};
/** None of them does anything. */
const IDLE = {
  "credit for a reading that there is not": `{ type: "credit", id: 5 }`,
  "the end of a reading that there is not": `{ type: "close", id: 5 }`,
  "credit without end": `...Array(10_000).fill({ type: "credit", id: 1e9 })`,
  "commands for a link that broke":
    `{ type: "commands", link: 0, generation: 99, bytes: new Uint8Array(3) }`,
};

/** An isolate with the real host thread, and a sandbox that posts these messages. */
async function start(directory: string, redis: ManagedServer, messages: string): Promise<Isolate> {
  const { directory: source } = await prepareChildBundle();
  const folder = await Deno.makeTempDir({ dir: directory });
  for (const name of ["host.js", "import_map.json"]) {
    await Deno.copyFile(`${source}${name}`, `${folder}/${name}`);
  }
  await Deno.writeTextFile(
    `${folder}/sandbox.js`,
    `postMessage({ type: "ready" });
     setTimeout(() => { for (const message of [${messages}]) postMessage(message); }, 50);`,
  );
  const bundle = {
    directory: `${folder}/`,
    hostPath: `${folder}/host.js`,
    importMapPath: `${folder}/import_map.json`,
  };
  return await Isolate.start({ bundle, directory, redis: redis.address, clustered: false });
}

Deno.test("a hostile sandbox beside its host thread", async (t) => {
  await using redis = await ManagedServer.start();
  const directory = await Deno.makeTempDir({ prefix: "pinion-host-" });
  await using _cleanup = {
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
  for (const [name, message] of Object.entries(FATAL)) {
    await t.step(`${name} ends the process`, async () => {
      const isolate = await start(directory, redis, message);
      let heard = 0;
      isolate.onMessage = () => heard++;
      let reason: PinionError | undefined;
      isolate.ended.then((error) => reason = error);
      await until(() => reason !== undefined)
        .finally(() => isolate.kill(new PinionError("INTERNAL", "It did not end by itself")));
      assertEquals([reason!.code, heard], ["ISOLATE_DIED", 0]);
      assert(!reason!.message.includes(directory));
      await until(async () => !await processExists(isolate.pid));
    });
  }
  for (const [name, messages] of Object.entries(IDLE)) {
    await t.step(`${name} is ignored`, async () => {
      const isolate = await start(directory, redis, messages);
      let heard = 0;
      isolate.onMessage = () => heard++;
      await pause(200);
      assertEquals([isolate.isAlive, heard], [true, 0]);
      await isolate.kill(new PinionError("ISOLATE_DIED", "The test is over"));
    });
  }
});
