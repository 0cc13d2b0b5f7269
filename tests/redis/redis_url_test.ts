import { assert, assertEquals, assertThrows } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { formatRedisUrl, parseRedisUrl } from "../../redis/redis_url.ts";

const PLAIN = { host: "localhost", port: 6379, db: 0, tls: false };

Deno.test("parseRedisUrl reads every form", () => {
  assertEquals(parseRedisUrl("localhost"), PLAIN);
  assertEquals(parseRedisUrl(" localhost:7000 "), { ...PLAIN, port: 7000 });
  assertEquals(parseRedisUrl("redis://localhost"), PLAIN);
  assertEquals(parseRedisUrl("redis://localhost/"), PLAIN);
  assertEquals(parseRedisUrl("redis://localhost:80/3"), { ...PLAIN, port: 80, db: 3 });
  assertEquals(parseRedisUrl("rediss://localhost"), { ...PLAIN, tls: true });
  assertEquals(parseRedisUrl("valkey://localhost"), PLAIN);
  assertEquals(parseRedisUrl("valkeys://localhost"), { ...PLAIN, tls: true });
  assertEquals(parseRedisUrl("redis://[::1]:7000"), { ...PLAIN, host: "::1", port: 7000 });
  assertEquals(parseRedisUrl("10.0.0.1:7000"), { ...PLAIN, host: "10.0.0.1", port: 7000 });
});

Deno.test("parseRedisUrl reads users and passwords", () => {
  const password = "s3cret";
  assertEquals(parseRedisUrl("redis://:s3cret@localhost"), { ...PLAIN, password });
  assertEquals(parseRedisUrl("ann:s3cret@localhost:1"), {
    ...PLAIN,
    port: 1,
    username: "ann",
    password,
  });
  assertEquals(parseRedisUrl("redis://ann:p%40%2F%3A@localhost").password, "p@/:");
});

Deno.test("parseRedisUrl refuses the rest without a word of it", () => {
  const refused = [
    "",
    "redis://",
    "http://ann:s3cret@localhost",
    "redis://ann:s3cret@",
    "redis://ann:s3cret@localhost:99999",
    "redis://ann:s3cret@localhost:0",
    "redis://ann:s3cret@localhost/x",
    "redis://ann:s3cret@localhost/1/2",
    "redis://ann:s3cret@localhost/-1",
    "redis://ann:s3cret%@localhost",
    "redis://ann:s3cret#x@localhost",
    "redis://ann:1?s3cret@localhost",
    "redis://localhost?password=s3cret",
  ];
  for (const url of refused) {
    const error = assertThrows(() => parseRedisUrl(url), PinionError, "Cannot read the address");
    assertEquals(error.code, "BAD_ARGUMENT");
    assert(!Deno.inspect(error).includes("s3cret"), Deno.inspect(error));
  }
});

Deno.test("formatRedisUrl shows all but the password", () => {
  const urls = [
    ["redis://localhost", "redis://localhost:6379"],
    ["rediss://ann:s3cret@localhost:7/2", "rediss://ann@localhost:7/2"],
    ["redis://a%40b:s3cret@[::1]", "redis://a%40b@[::1]:6379"],
  ];
  for (const [given, shown] of urls) assertEquals(formatRedisUrl(parseRedisUrl(given)), shown);
});
