import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ErrorCode, PinionError } from "../../../errors.ts";
import { RedisLink } from "../../../redis/link/redis_link.ts";
import { ManagedServer } from "../../../servers/managed_server.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import { RespError } from "../../../redis/resp_decoder.ts";
import { ask, decodeAll, encodeCommands } from "../commands.ts";
import { toBytes } from "../frame_corpus.ts";

const LOCAL = { host: "127.0.0.1", db: 0, tls: false };

async function assertFails(
  promise: Promise<unknown>,
  code: ErrorCode,
  message: string,
): Promise<void> {
  const error = await assertRejects(() => promise, PinionError, message);
  assertEquals(error.code, code);
  assert(!/127\.0\.0\.1|s3cret/.test(error.message), error.message);
}

/** A server that does what it is told with each connection. */
function listen(serve: (connection: Deno.TcpConn) => Promise<void>): AsyncDisposable & {
  readonly address: RedisAddress;
} {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.TcpConn[] = [];
  const served = (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      await serve(connection).catch(() => {});
    }
  })();
  return {
    address: { ...LOCAL, port: listener.addr.port },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) connection.close();
      await served;
    },
  };
}

Deno.test("Link answers overlapping requests in order", async () => {
  await using server = await ManagedServer.start();
  using link = await RedisLink.connect(server.address, { name: "test" });
  const requests = Array.from(
    { length: 300 },
    (_, i) => link.request(encodeCommands(["ECHO", `a${i}`], ["ECHO", `b${i}`]), 2),
  );
  const replies = await Promise.all(requests);
  assertEquals(replies.map(decodeAll), requests.map((_, i) => [`a${i}`, `b${i}`]));
  assertEquals(await link.request(new Uint8Array(), 0), new Uint8Array());
  assertEquals(await ask(link, "CLIENT", "GETNAME"), "test");
});

Deno.test("Link answers values far larger than its buffer", async () => {
  await using server = await ManagedServer.start();
  using link = await RedisLink.connect(server.address);
  const value = new Uint8Array(3_000_000).map((_, i) => i % 251 + 1);
  assertEquals(await ask(link, "SET", "key", value), "OK");
  const [first, second] = await Promise.all([ask(link, "GET", "key"), ask(link, "GET", "key")]);
  assertEquals(first, value);
  assertEquals(second, value);
});

Deno.test("Link streams what it reads, also after requests", async () => {
  await using server = await ManagedServer.start();
  using link = await RedisLink.connect(server.address);
  const request = link.request(encodeCommands(["ECHO", "a"], ["ECHO", "b"]), 1);
  assertEquals(decodeAll(await request), ["a"]);
  await link.write(encodeCommands(["ECHO", "c"]));
  let text = "";
  while (text.length < 14) text += new TextDecoder().decode((await link.read())!);
  assertEquals(text, "$1\r\nb\r\n$1\r\nc\r\n");
  assertEquals(await ask(link, "ECHO", "d"), "d");
});

Deno.test("Link drops pushed frames between replies", async () => {
  await using server = await ManagedServer.start();
  using link = await RedisLink.connect(server.address);
  using other = await RedisLink.connect(server.address);
  assert(await ask(link, "HELLO", 3) instanceof Map);
  await ask(link, "CLIENT", "TRACKING", "ON", "BCAST");
  for (let i = 0; i < 50; i++) await ask(other, "SET", `key:${i}`, "x".repeat(i));
  const commands = Array.from({ length: 100 }, (_, i) => ["ECHO", `e${i}`]);
  assertEquals(decodeAll(await link.request(encodeCommands(...commands), 100)).length, 100);
  assertEquals(await ask(link, "ECHO", "last"), "last");
});

Deno.test("Link drops pushed frames that come in pieces", async () => {
  const reply = ">2\r\n+a\r\n+b\r\n+PONG\r\n>1\r\n+c\r\n:1\r\n>1\r\n+d\r\n*1\r\n:2\r\n";
  await using server = listen(async (connection) => {
    await connection.read(new Uint8Array(1_000));
    for (const byte of toBytes(reply)) await connection.write(new Uint8Array([byte]));
  });
  using link = await RedisLink.connect(server.address);
  assertEquals(decodeAll(await link.request(new Uint8Array(), 0)), []);
  const frames = await link.request(encodeCommands(["X"], ["Y"]), 2);
  assertEquals(new TextDecoder().decode(frames), ":1\r\n*1\r\n:2\r\n");
});

Deno.test("Link authenticates, selects, and tells what Redis refuses", async () => {
  await using server = await ManagedServer.start({ args: ["--requirepass", "s3cret"] });
  const { address } = server;
  using link = await RedisLink.connect({ ...address, db: 5 });
  assertStringIncludes(String(await ask(link, "CLIENT", "INFO")), " db=5 ");
  using user = await RedisLink.connect({ ...address, username: "default" });
  assertEquals(await ask(user, "PING"), "PONG");

  const wrong = RedisLink.connect({ ...address, password: "s3cret2" });
  await assertFails(wrong, "REDIS_REFUSED", "Redis refused AUTH: WRONGPASS");
  const none = RedisLink.connect({ ...address, password: undefined });
  await assertFails(none, "REDIS_REFUSED", "Redis refused PING: NOAUTH");
  const range = RedisLink.connect({ ...address, db: 99 });
  await assertFails(range, "REDIS_REFUSED", "Redis refused SELECT: ERR DB index is out of range");
  const named = await RedisLink.connect(address, { name: "not allowed" });
  named.close();
});

Deno.test("Link tells why it cannot connect", async () => {
  const closed = listen(() => Promise.resolve());
  await closed[Symbol.asyncDispose]();
  const refused = RedisLink.connect(closed.address);
  await assertFails(refused, "REDIS_UNAVAILABLE", "nothing listens there");

  await using silent = listen(() => Promise.resolve());
  const late = RedisLink.connect(silent.address, { timeoutMs: 30 });
  await assertFails(late, "REDIS_UNAVAILABLE", "nothing answered within 30 ms");

  await using web = listen(async (connection) => {
    await connection.write(toBytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  const other = RedisLink.connect(web.address);
  await assertFails(other, "REDIS_REFUSED", "The server does not speak RESP");

  await using loading = listen(async (connection) => {
    await connection.write(toBytes("-LOADING Redis is loading the dataset in memory\r\n"));
  });
  const early = RedisLink.connect(loading.address);
  await assertFails(early, "REDIS_UNAVAILABLE", "Redis does not serve yet: LOADING");

  await using echo = listen(async (connection) => {
    const args = "with args beginning with: 's3cret'";
    await connection.write(toBytes(`-ERR unknown command 'AUTH', ${args}\r\n+PONG\r\n`));
  });
  const leaky = RedisLink.connect({ ...echo.address, password: "s3cret" });
  await assertFails(leaky, "REDIS_REFUSED", "Redis refused AUTH: ERR");
});

Deno.test("Link stops connecting on a signal", async () => {
  await using silent = listen(() => Promise.resolve());
  const controller = new AbortController();
  const connecting = RedisLink.connect(silent.address, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 20);
  await assertRejects(() => connecting, Error, "enough");
  const again = () => RedisLink.connect(silent.address, { signal: controller.signal });
  await assertRejects(again, Error, "enough");
});

Deno.test("Link rejects all that waits when the server dies", async () => {
  await using server = await ManagedServer.start();
  using link = await RedisLink.connect(server.address);
  const waiting = [1, 2, 3].map(() => link.request(encodeCommands(["BLPOP", "none", 0]), 1));
  const settled = Promise.allSettled(waiting);
  using other = await RedisLink.connect(server.address);
  while (!String(await ask(other, "INFO", "clients")).includes("blocked_clients:1")) continue;
  server.kill("SIGKILL");
  for (const { status } of await settled) assertEquals(status, "rejected");
  await assertFails(waiting[2], "REDIS_UNAVAILABLE", "the connection");
  assert(link.closed);
  await assertFails(ask(link, "PING"), "REDIS_UNAVAILABLE", "the connection");
  await assertFails(link.write(toBytes("x")), "REDIS_UNAVAILABLE", "the connection");
});

Deno.test("Link rejects all that waits when it is closed", async () => {
  await using server = await ManagedServer.start();
  const link = await RedisLink.connect(server.address);
  const waiting = ask(link, "BLPOP", "none", 0);
  link.close();
  link.close();
  await assertFails(waiting, "REDIS_UNAVAILABLE", "The link to Redis was closed");
  await assertFails(link.read(), "REDIS_UNAVAILABLE", "The link to Redis was closed");

  const reading = await RedisLink.connect(server.address);
  const chunk = reading.read();
  reading.close();
  await assertFails(chunk, "REDIS_UNAVAILABLE", "The link to Redis was closed");
});

Deno.test("Link closes on bytes that are no frame", async () => {
  await using server = listen(async (connection) => {
    await connection.read(new Uint8Array(1_000));
    await connection.write(toBytes("+PONG\r\n?\r\n"));
  });
  using link = await RedisLink.connect(server.address);
  await assertFails(ask(link, "PING"), "BAD_FRAME", "expected the type of a frame");
  assert(link.closed);
});

Deno.test("Link has one reader at a time", async () => {
  await using server = await ManagedServer.start();
  using link = await RedisLink.connect(server.address);
  const chunk = link.read();
  await assertFails(ask(link, "PING"), "INTERNAL", "expected one reader, got two");
  await assertFails(link.read(), "INTERNAL", "expected one reader, got two");
  await link.write(encodeCommands(["PING"]));
  assertEquals(await chunk, toBytes("+PONG\r\n"));
  const asking = ask(link, "GET");
  await assertFails(link.read(), "INTERNAL", "expected one reader, got two");
  assert(await asking instanceof RespError);
});

Deno.test("Link reads null when the server has closed", async () => {
  await using server = await ManagedServer.start();
  using link = await RedisLink.connect(server.address);
  await link.write(encodeCommands(["QUIT"]));
  assertEquals(await link.read(), toBytes("+OK\r\n"));
  assertEquals(await link.read(), null);
});
