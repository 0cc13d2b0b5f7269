import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Redis } from "ioredis";
import { PinionError } from "../../../../../errors.ts";
import { ManagedServer } from "../../../../../servers/managed_server.ts";
import type { RedisAddress } from "../../../../../redis/redis_url.ts";
import type { KeyName } from "../../../../../contract/isolate/key_name.ts";
import { Chains } from "../../../../../runtime/events/chains/chains.ts";
import type {
  KeyEventSubscription,
} from "../../../../../runtime/events/sources/capture/key_event_source.ts";
import { KeyspaceNotifications } from "../../../../../runtime/events/sources/capture/notifications.ts";
import { waitUntil } from "../../../../support/wait_until.ts";

/** Notifications of a real server, and a client of its own. */
class Place implements AsyncDisposable {
  readonly logs: string[] = [];
  readonly client: Redis;
  readonly control: Redis;
  readonly events: KeyspaceNotifications;
  readonly server: ManagedServer;
  readonly #heard: Heard[] = [];

  constructor(server: ManagedServer, address: RedisAddress = server.address) {
    this.server = server;
    const { port } = server.address;
    const { db, username, password } = address;
    this.client = new Redis({ port, db });
    this.control = new Redis({ port, db, username, password });
    for (const client of [this.client, this.control]) client.on("error", () => {});
    this.events = new KeyspaceNotifications({
      address,
      control: this.control,
      chains: new Chains(),
      hashtag: () => "06S",
      log: (level, message) => this.logs.push(`${level} ${message}`),
    });
  }

  /** Takes events as `event key`. */
  listen(prefix: string, events: readonly string[] | null = null): Heard {
    const heard = new Heard(this, prefix, events);
    this.#heard.push(heard);
    return heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#heard.map(({ subscription }) => subscription.end()));
    this.client.disconnect();
    this.control.disconnect();
    await this.server.stop();
  }
}

class Heard {
  readonly events: string[] = [];
  readonly keys: KeyName[] = [];
  readonly subscription: KeyEventSubscription;
  readonly #place: Place;
  readonly #prefix: string;

  constructor(place: Place, prefix: string, events: readonly string[] | null) {
    this.#place = place;
    this.#prefix = prefix;
    this.subscription = place.events.listen({
      prefix,
      events: events === null ? null : new Set(events),
      onKeyEvent: (key, event) => {
        this.keys.push(key);
        this.events.push(`${event} ${typeof key === "string" ? key : key.toHex()}`);
      },
    });
  }

  get ready(): Promise<void> {
    return this.subscription.ready;
  }

  /** Resolves when all events up to now have come. */
  async settled(): Promise<void> {
    const last = `${this.#prefix.replace("*", "")}:last:${crypto.randomUUID()}`;
    if (!this.#prefix.endsWith("*")) return;
    await this.#place.client.set(last, "1");
    await waitUntil(() => this.events.includes(`set ${last}`));
    this.events.splice(this.events.indexOf(`set ${last}`), 1);
  }
}

Deno.test("events of a prefix and of a key, in order; own keys and other databases never", async () => {
  await using server = await ManagedServer.start();
  await using place = new Place(server, { ...server.address, db: 3 });
  const all = place.listen("*");
  const users = place.listen("user:*");
  const one = place.listen("user:1");
  const literal = place.listen("a?[b*");
  await Promise.all([all.ready, users.ready, one.ready, literal.ready]);
  const { client } = place;
  await client.set("user:1", "x");
  await client.rename("user:1", "user:2");
  await client.hset("a?[b\\c", "f", "v");
  await client.set("axxb", "v");
  await client.set("__pinion:x", "v");
  await client.get("missing");
  const other = new Redis({ port: server.address.port });
  await other.set("user:1", "x");
  other.disconnect();
  await all.settled();
  assertEquals(all.events, [
    "set user:1",
    "rename_from user:1",
    "rename_to user:2",
    "hset a?[b\\c",
    "set axxb",
  ]);
  assertEquals(users.events, ["set user:1", "rename_from user:1", "rename_to user:2"]);
  assertEquals(one.events, ["set user:1", "rename_from user:1"]);
  assertEquals(literal.events, ["hset a?[b\\c"]);
});

Deno.test("keymiss comes to those who name it, keys that are no UTF-8 as bytes", async () => {
  await using place = new Place(await ManagedServer.start());
  const all = place.listen("*");
  const misses = place.listen("*", ["keymiss", "expired"]);
  await Promise.all([all.ready, misses.ready]);
  await place.client.get("missing");
  await place.client.call("SET", Buffer.from([0xff, 0x00, 0x0d, 0x0a]), "v");
  await all.settled();
  assertEquals(misses.events, ["keymiss missing"]);
  assertEquals(all.events, ["set ff000d0a"]);
  assert(all.keys[0] instanceof Uint8Array);
});

Deno.test("no event is lost or told twice while others come and go", async () => {
  await using place = new Place(await ManagedServer.start());
  const { client } = place;
  const steady = place.listen("k:1:*");
  await steady.ready;
  let sent = 0;
  let isOver = false;
  const writer = (async () => {
    while (!isOver) {
      const batch = client.pipeline();
      for (let index = 0; index < 50; index++) batch.set(`k:1:${sent++}`, "v");
      await batch.exec();
    }
  })();
  for (let round = 0; round < 60; round++) {
    const other = place.listen(["*", "k:*", "k:1:*", "k:1:1*", `x${round}*`][round % 5]);
    if (round % 2) await other.ready;
    void other.subscription.end();
  }
  isOver = true;
  await writer;
  await steady.settled();
  assertEquals(steady.events, Array.from({ length: sent }, (_, index) => `set k:1:${index}`));
});

Deno.test("classes are only added; what other software takes away is put back and shown", async () => {
  await using place = new Place(
    await ManagedServer.start({ args: ["--notify-keyspace-events", "Ex"] }),
  );
  const setting = async () =>
    (await place.client.config("GET", "notify-keyspace-events") as string[])[1];
  const heard = place.listen("*", ["set"]);
  await heard.ready;
  assertEquals([...await setting()].sort().join(""), "$EKx");
  await place.client.config("SET", "notify-keyspace-events", "");
  await waitUntil(async () => (await setting()).includes("$"));
  await waitUntil(() => heard.subscription.gaps.count === 1);
  assert(heard.subscription.gaps.totalMs > 0);
  assertStringIncludes(place.logs.join("\n"), "Other software changed notify-keyspace-events");
  await place.client.set("k", "v");
  await waitUntil(() => heard.events.includes("set k"));
});

Deno.test("Redis restarted: taken up again, the gap is counted", async () => {
  await using place = new Place(await ManagedServer.start());
  const heard = place.listen("*");
  await heard.ready;
  await place.server.restart();
  await waitUntil(async () => {
    await place.client.set("after", "v").catch(() => {});
    return heard.events.includes("set after");
  }, 10_000);
  const { count, totalMs } = heard.subscription.gaps;
  assertEquals(count, 1);
  assert(totalMs > 0);
  assertEquals(place.events.outage, null);
  assertStringIncludes(place.logs.join("\n"), "those that happen meanwhile are lost");
});

Deno.test("a server that hangs is noticed", async () => {
  await using place = new Place(await ManagedServer.start());
  const heard = place.listen("*");
  await heard.ready;
  place.server.kill("SIGSTOP");
  try {
    await waitUntil(() => place.events.outage !== null, 12_000);
  } finally {
    place.server.kill("SIGCONT");
  }
  await waitUntil(() => place.events.outage === null, 10_000);
  await place.client.set("k", "v");
  await waitUntil(() => heard.events.includes("set k"));
  assert(heard.subscription.gaps.count >= 1);
});

async function withUser(
  setting: string,
  rights: string,
  run: (place: Place) => Promise<void>,
): Promise<void> {
  const server = await ManagedServer.start({ args: ["--notify-keyspace-events", setting] });
  const admin = new Redis({ port: server.address.port });
  await admin.call("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", ...rights.split(" "));
  admin.disconnect();
  await using place = new Place(server, {
    ...server.address,
    username: "limited",
    password: "secret",
  });
  await run(place);
}

Deno.test("CONFIG forbidden: refused with the reason where classes are missing", async () => {
  for (const [setting, missing] of [["", "K"], ["K$gx", "l"]] as const) {
    await withUser(setting, "+@all -config", async (place) => {
      const error = await assertRejects(
        () => place.events.check({ prefix: "*", events: null }),
        PinionError,
        "notify-keyspace-events",
      );
      assertEquals(error.code, "REDIS_REFUSED");
      assertStringIncludes(error.message, missing);
    });
  }
});

Deno.test("CONFIG forbidden: accepted where the classes are on already", async () => {
  await withUser("KA", "+@all -config", async (place) => {
    await place.events.check({ prefix: "*", events: null });
    await assertRejects(
      () => place.events.check({ prefix: "*", events: new Set(["keymiss"]) }),
      PinionError,
      '"m"',
    );
    const heard = place.listen("*");
    await heard.ready;
    await place.client.set("k", "v");
    await waitUntil(() => heard.events.includes("set k"));
    assertStringIncludes(place.logs.join("\n"), "found by trial");
  });
});

Deno.test("CONFIG readable only: refused where something would have to be set", async () => {
  await withUser("Kx", "+@all -config +config|get", async (place) => {
    await place.events.check({ prefix: "*", events: new Set(["expired"]) });
    await assertRejects(
      () => place.events.check({ prefix: "*", events: new Set(["set"]) }),
      PinionError,
      '"$"',
    );
  });
});

Deno.test("a user without rights to channels is refused", async () => {
  await withUser("KA", "+@all -psubscribe", async (place) => {
    const heard = place.listen("*");
    await assertRejects(() => heard.ready, PinionError, "refused to subscribe");
  });
});
