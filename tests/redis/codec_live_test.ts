import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { RedisLink } from "../../redis/link/redis_link.ts";
import { ManagedServer } from "../../servers/managed_server.ts";
import { RespError } from "../../redis/resp_decoder.ts";
import type { RespArgument } from "../../redis/resp_encoder.ts";
import { keySlot } from "../../redis/slots.ts";
import { ask, decodeAll, encodeCommands } from "./commands.ts";
import { toComparable } from "./frame_corpus.ts";

const BINARY = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Commands on every data type, with their replies in RESP2 and, where they differ, RESP3. */
const EXCHANGES: readonly [readonly RespArgument[], unknown, unknown?][] = [
  [["FLUSHALL"], "OK"],
  [["SET", "text", "grüße"], "OK"],
  [["GET", "text"], "grüße"],
  [["GET", "none"], null],
  [["SET", "binary", BINARY], "OK"],
  [["GET", "binary"], BINARY],
  [["SET", BINARY, ""], "OK"],
  [["GET", BINARY], ""],
  [["SET", "number", 2n ** 63n - 1n], "OK"],
  [["INCRBY", "number", 0], 2n ** 63n - 1n],
  [["INCRBYFLOAT", "float", 1.5], "1.5"],
  [["INCR", "text"], { error: "ERR value is not an integer or out of range" }],
  [["RPUSH", "list", "a", "", "c\r\nd"], 3],
  [["LRANGE", "list", 0, -1], ["a", "", "c\r\nd"]],
  [["HSET", "hash", "a", 1, "b", "😀"], 2],
  [["HGETALL", "hash"], ["a", "1", "b", "😀"], [["a", "1"], ["b", "😀"]]],
  [["SADD", "set", "a"], 1],
  [["SMEMBERS", "set"], ["a"], new Set(["a"])],
  [["ZADD", "zset", 1.5, "a", "inf", "b"], 2],
  [["ZRANGE", "zset", 0, -1, "WITHSCORES"], ["a", "1.5", "b", "inf"], [
    ["a", 1.5],
    ["b", Infinity],
  ]],
  [["XADD", "stream", "1-1", "k", "v"], "1-1"],
  [["XRANGE", "stream", "-", "+"], [["1-1", ["k", "v"]]]],
  [["BLPOP", "none", 0.01], null],
  [["EVAL", "return {1, 'a', false, {2}, {err='E x'}}", 0], [1, "a", null, [2], { error: "E x" }]],
];

/** Replies to DEBUG PROTOCOL in RESP3. */
const PROTOCOL: readonly [string, unknown][] = [
  ["string", "Hello World"],
  ["integer", 12345],
  ["double", 3.141],
  ["null", null],
  ["array", [0, 1, 2]],
  ["set", new Set([0, 1, 2])],
  ["map", [[0, false], [1, true], [2, false]]],
  ["attrib", "Some real reply following the attribute"],
  ["verbatim", "This is a verbatim\nstring"],
  ["true", true],
  ["false", false],
  ["bignum", 1234567999999999999999999999999999999n],
];

Deno.test("the codec talks RESP2 and RESP3 with a server", async (t) => {
  await using server = await ManagedServer.start({ args: ["--enable-debug-command", "yes"] });
  using link = await RedisLink.connect(server.address);

  for (const version of [2, 3]) {
    await t.step(`RESP${version}`, async () => {
      const hello = await ask(link, "HELLO", version);
      assert(version === 2 ? Array.isArray(hello) : hello instanceof Map);
      const commands = EXCHANGES.map(([command]) => command);
      const replies = decodeAll(await link.request(encodeCommands(...commands), commands.length));
      for (const [i, [command, resp2, resp3 = resp2]] of EXCHANGES.entries()) {
        const expected = version === 2 ? resp2 : resp3;
        assertEquals(toComparable(replies[i]), expected, `${command}`);
      }
    });
  }

  await t.step("every type of RESP3", async () => {
    for (const [type, value] of PROTOCOL) {
      assertEquals(toComparable(await ask(link, "DEBUG", "PROTOCOL", type)), value, type);
    }
  });

  await t.step("an error as a value", async () => {
    const error = await ask(link, "LPOP", "text");
    assertInstanceOf(error, RespError);
    assertEquals(error.code, "WRONGTYPE");
  });

  await t.step("a thousand values of all lengths", async () => {
    const values = Array.from({ length: 1_000 }, (_, i) => "añ€😀".repeat(i).slice(0, i));
    await ask(link, "RPUSH", "many", ...values);
    const stored = values.map((text) => text.replace(/[\uD800-\uDBFF]$/, "\uFFFD"));
    assertEquals(await ask(link, "LRANGE", "many", 0, -1), stored);
  });
});

Deno.test("keySlot agrees with CLUSTER KEYSLOT", async () => {
  await using server = await ManagedServer.start({ cluster: true });
  using link = await RedisLink.connect(server.address);
  const parts = ["a", "{", "}", "ж", "key:1", "{}", "\0", "user1000"];
  const keys: string[] = [""];
  for (const a of parts) {
    for (const b of parts) for (const c of parts) keys.push(a + b + c, a + b + "x" + c);
  }
  const commands = keys.map((key) => ["CLUSTER", "KEYSLOT", key]);
  const slots = decodeAll(await link.request(encodeCommands(...commands), commands.length));
  assertEquals(keys.map((key) => keySlot(key)), slots);
});
