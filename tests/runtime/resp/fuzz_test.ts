/**
 * Random and mutated bytes: the scanner refuses with `BAD_FRAME` only and sees the same wherever the
 * chunks break; a live port answers, closes or waits, and goes on to serve others.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { RequestScanner } from "../../../runtime/resp/requests/request_scanner.ts";
import { RESP_LIMITS } from "../../../runtime/resp/replies/resp_limits.ts";
import { watchGrowth } from "../../support/growth.ts";
import { startRuntime } from "../../support/start_runtime.ts";
import {
  breakUp,
  createRandom,
  INPUTS,
  mutate,
  pick,
  type Random,
  SEED,
} from "../../support/random.ts";
import { encodeCommand, RawClient } from "./raw_client.ts";

const ALPHABET = new TextEncoder().encode("*$\r\n\r\n-+0123456789RG.'\" \\xff\t\0");
const LIMITS = { ...RESP_LIMITS, maxScriptBytes: 200, maxArgs: 5, readBufferBytes: 512 };

/** None of them can stop or change the server. */
const CORPUS: readonly string[] = [
  encodeCommand("PING"),
  encodeCommand("GET", "key"),
  encodeCommand("SET", "key", "v\r\n*1\r\n$4\r\nPING\r\n"),
  encodeCommand("MGET", "a", "b", "c", "d"),
  encodeCommand("HELLO", "3"),
  encodeCommand("MULTI"),
  encodeCommand("EXEC"),
  encodeCommand("DISCARD"),
  encodeCommand("RESET"),
  encodeCommand("SUBSCRIBE", "channel"),
  encodeCommand("UNSUBSCRIBE"),
  encodeCommand("MONITOR"),
  encodeCommand("CLIENT", "REPLY", "OFF"),
  encodeCommand("CLIENT", "REPLY", "SKIP"),
  encodeCommand("CLIENT", "REPLY", "ON"),
  encodeCommand("BLPOP", "nothing", "0.01"),
  encodeCommand("QUIT"),
  encodeCommand("RG.HELP"),
  encodeCommand("RG.CONFIGGET", "MaxExecutions", "x"),
  encodeCommand("RG.GETRESULTS", "x"),
  encodeCommand("RG.DUMPEXECUTIONS"),
  encodeCommand("RG.DUMPSESSIONS", "VERBOSE", "SESSIONS", "a"),
  encodeCommand("RG.TSEXECUTE"),
  encodeCommand("RG.NOSUCH", "a"),
  "PING\r\n",
  'SET key "a b"\r\n',
  "RG.CONFIGGET 'a b'\n",
  "*0\r\n",
  "\r\n",
  "*-1\r\n",
];

function createInput(random: Random): Uint8Array {
  if (random(20) === 0) {
    return Uint8Array.from({ length: random(80) }, () => ALPHABET[random(ALPHABET.length)]);
  }
  const commands = Array.from({ length: 1 + random(5) }, () => pick(random, CORPUS));
  return mutate(random, new TextEncoder().encode(commands.join("")), ALPHABET);
}

/** What a stream came to, as text: runs joined, and how it ended. */
function scanAll(chunks: readonly Uint8Array[]): string {
  const scanner = new RequestScanner(LIMITS);
  const seen: string[] = [];
  let run = "";
  let commands = 0;
  const notes: string[] = [];
  let buffer: Uint8Array = new Uint8Array(0);
  const flush = () => {
    if (run !== "") seen.push(`run ${run}`);
    run = "";
  };
  try {
    for (const chunk of chunks) {
      buffer = Uint8Array.from([...buffer, ...chunk]);
      let start = 0;
      while (start < buffer.length) {
        const piece = scanner.scan(buffer, start, buffer.length);
        if (piece.kind === "forward") {
          assert(piece.end > start);
          run += String.fromCharCode(...buffer.subarray(start, piece.end));
          for (const { index, note } of piece.notes) notes.push(`${note} ${commands + index}`);
          commands += piece.commands;
        } else if (piece.kind !== "more") {
          flush();
          seen.push(JSON.stringify(piece, (key, value) => key === "end" ? undefined : value));
        }
        if (piece.kind !== "note") start = piece.end;
        if (piece.kind === "more") break;
      }
      buffer = buffer.slice(start);
      assert(buffer.length <= LIMITS.readBufferBytes + 60);
    }
    flush();
    return [...seen, notes.join(), `${commands} commands`].join("\n");
  } catch (error) {
    assert(error instanceof PinionError && error.code === "BAD_FRAME", String(error));
    flush();
    return [...seen, `${commands} commands`, error.message].join("\n");
  }
}

Deno.test(`the scanner sees the same wherever chunks break (seed ${SEED})`, () => {
  const random = createRandom(SEED);
  const checkGrowth = watchGrowth();
  let refused = 0;
  for (let i = 0; i < INPUTS; i++) {
    const input = createInput(random);
    const whole = scanAll([input]);
    const broken = scanAll(breakUp(random, input));
    if (!/ commands$/.test(whole)) {
      refused++;
      // How much of a run is handed out before a bad frame may differ; what was seen may not.
      assertEquals(broken.split("\n").at(-1), whole.split("\n").at(-1), `input ${i}`);
    } else assertEquals(broken, whole, `input ${i}, seed ${SEED}`);
  }
  checkGrowth();
  assert(refused > INPUTS / 50 && refused < INPUTS * 0.9, `${refused} of ${INPUTS} were refused`);
});

/** Commands that have one outcome, whoever is asked. */
const REDIS_CORPUS = [
  ...CORPUS.filter((text) => !/RG|MONITOR|REPLY|BLPOP/.test(text)),
  encodeCommand("SUBSCRIBE", "a", "b"),
  encodeCommand("WATCH", "key"),
  encodeCommand("SELECT", "1"),
  encodeCommand("PUBLISH", "channel", "message"),
  encodeCommand("CLIENT", "REPLY", "ON"),
  encodeCommand("CLIENT", "TRACKING", "ON"),
];

Deno.test(`Redis' own commands have Redis' own outcome (seed ${SEED})`, async () => {
  const random = createRandom(SEED);
  await using runtime = await startRuntime();
  const { host, port } = runtime.redis.address;
  const direct = { hostname: host, port };
  using admin = await RawClient.connect(direct);
  for (let i = 0; i < INPUTS / 20; i++) {
    const commands = Array.from({ length: 1 + random(6) }, () => pick(random, REDIS_CORPUS));
    const plain = new TextEncoder().encode(commands.join(""));
    // Errors show other bytes than these in ways of their own.
    const input = (random(2) === 0 ? plain : mutate(random, plain, ALPHABET))
      .map((byte) => byte === 0 || byte > 126 ? 63 : byte);
    const outcomes: string[] = [];
    for (const address of [direct, runtime.resp]) {
      await admin.ask("FLUSHALL");
      using client = await RawClient.connect(address);
      await client.send(input);
      await client.closeWrite().catch(() => {});
      outcomes.push((await client.rest()).replaceAll(/id\r\n:\d+/g, "id"));
    }
    const shown = JSON.stringify(String.fromCharCode(...input));
    assertEquals(outcomes[1], outcomes[0], `input ${i}, seed ${SEED}: ${shown}`);
  }
});

Deno.test(`a live port survives anything (seed ${SEED})`, async () => {
  const random = createRandom(SEED);
  await using runtime = await startRuntime();
  using control = await RawClient.connect(runtime.resp);
  const checkGrowth = watchGrowth();
  for (let i = 0; i < INPUTS / 20; i++) {
    const input = createInput(random);
    using client = await RawClient.connect(runtime.resp);
    try {
      for (const chunk of random(4) === 0 ? breakUp(random, input) : [input]) {
        await client.send(chunk);
      }
      // Some leave at once, some wait for what comes.
      if (random(3) > 0) {
        await client.closeWrite();
        await client.rest();
      }
    } catch (error) {
      const isGone = error instanceof Deno.errors.BrokenPipe ||
        error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.NotConnected;
      assert(isGone, `input ${i}, seed ${SEED}: ${error} ${JSON.stringify([...input])}`);
    }
    if (i % 50 === 0) {
      assertEquals(await control.ask("PING"), "+PONG\r\n", `input ${i}, seed ${SEED}`);
      assertEquals(await control.ask("RG.CONFIGGET", "MaxExecutions"), "*1\r\n:1000\r\n");
    }
  }
  checkGrowth();
  assertEquals(runtime.logs.filter((line) => line.includes("failed")), []);
});
