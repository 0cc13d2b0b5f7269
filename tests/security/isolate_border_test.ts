/**
 * Frames that no child of ours sends: whatever comes over the socket of an isolate, its process is
 * killed, everyone who waits is told, and the runtime keeps nothing of it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { frameHeader } from "../../contract/isolate/frames.ts";
import { Isolate } from "../../isolate/process/isolate.ts";
import { processExists } from "../../isolate/process/process_info.ts";
import { encodeWire } from "../../contract/isolate/wire.ts";
import { until } from "./support/security_suite.ts";

const READY = `send(0, new TextEncoder().encode('{"type":"ready"}')); await last; await pause(50);`;
const GO_ON = "await new Promise(() => setInterval(() => {}, 1_000));";

/** Host threads of children, in JavaScript. `send(channel, payload)` frames, `socket` does not. */
const CHILDREN = {
  "a frame of no length": `${READY} await write(new Uint8Array(5)); ${GO_ON}`,
  "a frame without end": `${READY} await write(Uint8Array.of(255, 255, 255, 255, 1)); ${GO_ON}`,
  "bytes that are no messages": `${READY} send(1, new Uint8Array(1_000).fill(0xc1)); ${GO_ON}`,
  "no message at all": `${READY} send(1, new Uint8Array(0)); ${GO_ON}`,
  "a message that is no list": `${READY} send(1, new Uint8Array([42])); ${GO_ON}`,
  "lists that hold more than there is":
    `${READY} send(1, Uint8Array.of(0xdd, 255, 255, 255, 255)); ${GO_ON}`,
  "lists within lists": `${READY} send(1, new Uint8Array(1_000_000).fill(0x91)); ${GO_ON}`,
  "a million empty lists": `
    ${READY}
    const lists = new Uint8Array(1_000_005).fill(0x90);
    lists.set([0xdd, 0, 15, 66, 64]);
    send(1, lists);
    ${GO_ON}`,
  "a host message that is no JSON": `${READY} send(0, new Uint8Array([1, 2, 3])); ${GO_ON}`,
  "a host message that says it crashed": `
    ${READY} send(0, new TextEncoder().encode('{"type":"crashed","message":"x"}')); ${GO_ON}`,
  "half a frame, then the end":
    `${READY} await write(Uint8Array.of(0, 0, 1, 0, 1, 2)); Deno.exit(0);`,
  "the end of the socket": `${READY} socket.close(); ${GO_ON}`,
  "the end of the process": `${READY} Deno.exit(7);`,
};

/** A folder like that of a child's bundle, with this for the host thread. */
async function writeChild(directory: string, code: string) {
  const hostPath = `${directory}/host.js`;
  await Deno.writeTextFile(
    hostPath,
    `const socket = await Deno.connect({ transport: "unix", path: Deno.args[0] });
     const write = async (bytes) => {
       for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
     };
     let last = Promise.resolve();
     const send = (channel, payload) => {
       const frame = new Uint8Array(5 + payload.length);
       new DataView(frame.buffer).setUint32(0, payload.length + 1);
       frame[4] = channel;
       frame.set(payload, 5);
       last = last.then(() => write(frame));
     };
     const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
     ${code}`,
  );
  const importMapPath = `${directory}/import_map.json`;
  await Deno.writeTextFile(importMapPath, "{}");
  return { directory, hostPath, importMapPath };
}

Deno.test("an isolate that sends what cannot be is killed", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "pinion-border-" });
  await using _cleanup = {
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
  for (const [name, code] of Object.entries(CHILDREN)) {
    await t.step(name, async () => {
      const bundle = await writeChild(directory, code);
      const redis = { host: "127.0.0.1", port: 1, db: 0, tls: false };
      const isolate = await Isolate.start({ bundle, directory, redis, clustered: false });
      let reason: PinionError | undefined;
      isolate.ended.then((error) => reason = error);
      await until(() => reason !== undefined)
        .finally(() => isolate.kill(new PinionError("INTERNAL", "It did not end by itself")));
      assertEquals(reason!.code, "ISOLATE_DIED");
      assertEquals(reason!.message.includes(directory), false);
      assertEquals(isolate.isAlive, false);
      await until(async () => !await processExists(isolate.pid));
    });
  }
  await t.step("a child that never says that it is ready", async () => {
    const bundle = await writeChild(directory, "Deno.exit(3);");
    const redis = { host: "127.0.0.1", port: 1, db: 0, tls: false };
    let code = "";
    await Isolate.start({ bundle, directory, redis, clustered: false })
      .catch((error) => code = error.code);
    assertEquals(code, "ISOLATE_DIED");
  });
  await t.step("messages in one long frame let others have their turn", async () => {
    const logs = Array.from(
      { length: 1_000 },
      () => ({ type: "log", level: "notice", message: "x" }),
    );
    const payload = encodeWire(logs);
    const frame = JSON.stringify([...frameHeader(1, payload.byteLength), ...payload]);
    const bundle = await writeChild(
      directory,
      `${READY} const frame = new Uint8Array(${frame});
       for (let i = 0; i < 200; i++) await write(frame);
       ${GO_ON}`,
    );
    const redis = { host: "127.0.0.1", port: 1, db: 0, tls: false };
    const isolate = await Isolate.start({ bundle, directory, redis, clustered: false });
    let messages = 0;
    let turns = 0;
    isolate.onMessage = () => messages++;
    const timer = setInterval(() => turns++, 0);
    await until(() => messages === 200_000);
    clearInterval(timer);
    await isolate.kill(new PinionError("ISOLATE_DIED", "The test is over"));
    assert(turns > 20, `${turns} turns of the loop`);
  });
});
