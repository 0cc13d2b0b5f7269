import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Certificates } from "../../../coordinator/mesh/hello/certificates.ts";
import { SharedSecret, writeTranscript } from "../../../coordinator/mesh/hello/credentials.ts";
import { greetListener } from "../../../coordinator/mesh/hello/greet.ts";
import {
  type Hello,
  MAX_GREETING_BYTES,
  PROTOCOL,
} from "../../../coordinator/mesh/hello/hello_messages.ts";
import type { HttpMesh, serveMesh } from "../../../coordinator/mesh/peers/http_mesh.ts";
import { DEFAULT_MESH_LIMITS } from "../../../coordinator/mesh/mesh_limits.ts";
import { encodeHeader, FRAME } from "../../../coordinator/mesh/link/mesh_frames.ts";
import { createLinkPair } from "../../../coordinator/mesh/link/in_process_link.ts";
import { FrameLink, type PeerLink } from "../../../coordinator/mesh/link/peer_link.ts";
import { LinkedMesh } from "../../../coordinator/mesh/peers/linked_mesh.ts";
import { PinionError } from "../../../errors.ts";
import { createRandom, SEED } from "../../support/random.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { createAuthority } from "./certificate_authority.ts";
import { addressOf, startMesh, TEST_TIMINGS } from "./mesh_pair.ts";

const SECRET = "a secret of these tests";

/** A mesh of shard `b` that expects shard `a`, and a link to it. */
function startListener(onLost: (message: string) => void = () => {}): {
  mesh: LinkedMesh;
  connect: () => PeerLink;
} {
  const mesh = new LinkedMesh({
    self: {
      shardId: "b",
      runId: "run of b",
      epoch: () => 1,
      windowBytes: DEFAULT_MESH_LIMITS.windowBytes,
      credentials: new SharedSecret(SECRET),
    },
    limits: { ...DEFAULT_MESH_LIMITS, strangers: 3 },
    timings: TEST_TIMINGS,
    dial: () => Promise.reject(new Error("b is not the one that dials")),
    onLog: () => {},
  });
  mesh.setPeers(new Map([["a", { url: "in-process:a", epoch: 5 }]]));
  mesh.onPeerLost((_shardId, { message }) => onLost(message));
  const connect = () => {
    const [near, far] = createLinkPair();
    void mesh.acceptLink(far);
    return near;
  };
  return { mesh, connect };
}

function self(options: { secret?: string; epoch?: number; shardId?: string } = {}) {
  const { secret = SECRET, epoch = 5, shardId = "a" } = options;
  const credentials = new SharedSecret(secret);
  return { shardId, runId: "run", epoch: () => epoch, windowBytes: 1_000, credentials };
}

const POSITION = { session: "s1", resumes: false, received: 0, next: "s2" };

/** Greets as `a`; gives why it was refused, or the exchange. */
async function greet(link: PeerLink, options: Parameters<typeof self>[0] & { to?: string } = {}) {
  const frames = new FrameLink(link, MAX_GREETING_BYTES);
  const peer = { shardId: options.to ?? "b", origin: "http://127.0.0.1:1" };
  try {
    return (await greetListener(frames, self(options), peer, () => POSITION)).session;
  } catch (error) {
    if (!(error instanceof PinionError && error.code === "MESH_REFUSED")) throw error;
    link.close();
    return error.message;
  }
}

/** The refusal that a message gets. */
async function say(link: PeerLink, payload: string | Uint8Array, type: number = FRAME.hello) {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  link.write([encodeHeader({ type: type as typeof FRAME.hello }, bytes.byteLength), bytes]);
  const frame = await new FrameLink(link, MAX_GREETING_BYTES).next();
  link.close();
  assertEquals(frame?.type, FRAME.refuse);
  return JSON.parse(new TextDecoder().decode(frame!.payload)).message as string;
}

Deno.test("a peer that knows the secret is welcome, one that does not is told why not", async () => {
  const { mesh, connect } = startListener();
  await using _ = mesh;
  assertMatch(await greet(connect(), { secret: "another" }), /does not know the mesh's secret/);
  assertEquals(mesh.peers, []);
  assertEquals(await greet(connect()), "s1");
  await waitUntil(() => mesh.peers.includes("a"));
});

Deno.test("another version of the protocol is named on both sides", async () => {
  const { mesh, connect } = startListener();
  await using _ = mesh;
  const message = await say(connect(), JSON.stringify({ protocol: PROTOCOL + 1, shape: "new" }));
  assertMatch(message, new RegExp(`version ${PROTOCOL + 1} .* speaks ${PROTOCOL};`));
});

Deno.test("the wrong shard, an unknown shard and an older lease are refused", async () => {
  const { mesh, connect } = startListener();
  await using _ = mesh;
  assertMatch(await greet(connect(), { to: "c" }), /looks for shard c, this is .* of b/);
  assertMatch(await greet(connect(), { shardId: "a2" }), /not known here/);
  assertMatch(await greet(connect(), { epoch: 4 }), /lease is older/);
  assertEquals(await greet(connect(), { epoch: 6 }), "s1");
});

Deno.test("a fresher lease than membership knew takes over, the older one does not come back", async () => {
  const lost: string[] = [];
  const { mesh, connect } = startListener((message) => lost.push(message));
  await using _ = mesh;
  await greet(connect(), { epoch: 5 });
  await greet(connect(), { epoch: 7 });
  assertMatch(await greet(connect(), { epoch: 5 }), /lease is older/);
});

Deno.test("a proof holds for its own link and side only", () => {
  const hello: Hello = { ...introduction("a", "b"), nonce: "1".repeat(64) };
  const other: Hello = { ...introduction("b", "a"), nonce: "2".repeat(64) };
  const credentials = new SharedSecret(SECRET);
  const proof = credentials.prove(writeTranscript("dialler", hello, other));
  assertEquals(credentials.refute(writeTranscript("dialler", hello, other), proof), null);
  const again = { ...other, nonce: "3".repeat(64) };
  for (
    const transcript of [
      writeTranscript("listener", hello, other),
      writeTranscript("dialler", other, hello),
      writeTranscript("dialler", hello, again),
      writeTranscript("dialler", { ...hello, epoch: 9 }, other),
    ]
  ) assertEquals(typeof credentials.refute(transcript, proof), "string");
  assertThrows(() => new SharedSecret(""), TypeError, "empty");
});

function introduction(shardId: string, to: string): Omit<Hello, "nonce"> {
  const origin = "http://127.0.0.1:1";
  return { protocol: PROTOCOL, shardId, runId: "run", epoch: 1, to, origin, windowBytes: 1 };
}

Deno.test("anything but a greeting is refused or ended, and nobody is linked", async () => {
  const { mesh, connect } = startListener();
  await using _ = mesh;
  assertMatch(await say(connect(), "GET / HTTP/1.1"), /not JSON/);
  assertMatch(await say(connect(), "{}"), /malformed/);
  assertMatch(await say(connect(), "[]", FRAME.data), /type 25/);
  assertMatch(await say(connect(), new Uint8Array(MAX_GREETING_BYTES + 1)), /malformed/);
  const random = createRandom(SEED);
  for (let round = 0; round < 200; round++) {
    const link = connect();
    const bytes = Uint8Array.from({ length: 1 + random(100) }, () => random(256));
    link.write([bytes]);
    link.end();
    while (await link.read().catch(() => null) !== null);
  }
  assertEquals(mesh.peers, []);
});

Deno.test("who says nothing is sent away, and only some may be silent at once", async () => {
  const { mesh, connect } = startListener();
  await using _ = mesh;
  const silent = [connect(), connect(), connect()];
  const ended = silent.map((link) => link.read().catch(() => null));
  const refused = await connect().read().catch(() => null);
  assertEquals(refused, null);
  assertEquals(await Promise.all(ended), [null, null, null]);
  assertEquals(await greet(connect()), "s1");
});

Deno.test("frames that break the protocol end the exchange and no more than it", async () => {
  const random = createRandom(SEED);
  for (let round = 0; round < 100; round++) {
    const lost: string[] = [];
    const { mesh, connect } = startListener((message) => lost.push(message));
    await using _ = mesh;
    const link = connect();
    await greet(link);
    await waitUntil(() => mesh.peers.length === 1);
    const types = Object.values(FRAME).filter((type) => type >= FRAME.request);
    for (let number = 1; number <= 30; number++) {
      const payload = Uint8Array.from({ length: random(40) }, () => random(256));
      const head = { type: types[random(types.length)], flags: random(4), number, id: random(4) };
      link.write([encodeHeader(head, payload.byteLength), payload]);
    }
    while (await link.read().catch(() => null) !== null);
    assertEquals(mesh.peers, [], `seed ${SEED}`);
    assertMatch(lost.join(), /breaks the mesh's protocol/, `seed ${SEED}`);
    const next = connect();
    assertEquals(await greet(next), "s1");
    next.close();
  }
});

Deno.test("over TLS, certificates of one authority link; others do not", async () => {
  const [authority, stranger] = await Promise.all([createAuthority(), createAuthority()]);
  const logs: string[] = [];
  const start = (shardId: string, trust: Parameters<typeof serveMesh>[0]["trust"]): HttpMesh =>
    startMesh(shardId, { trust, onLog: (line) => logs.push(line) });
  const url = (mesh: HttpMesh) => ({ url: `https://127.0.0.1:${mesh.address.port}`, epoch: 1 });

  await using b = start("b", { ...await authority.issue(), authorities: [authority.certificate] });
  {
    await using a = start("a", {
      ...await authority.issue(),
      authorities: [authority.certificate],
    });
    a.setPeers(new Map([["b", url(b)]]));
    b.setPeers(new Map([["a", url(a)]]));
    await waitUntil(() => a.peers.length === 1 && b.peers.length === 1);
  }
  {
    // It trusts b, so that TLS itself succeeds; b does not trust it.
    const authorities = [stranger.certificate, authority.certificate];
    await using a = start("a", { ...await stranger.issue(), authorities });
    a.setPeers(new Map([["b", url(b)]]));
    b.setPeers(new Map([["a", { ...url(a), epoch: 2 }]]));
    await waitUntil(() => logs.length > 0);
    assertEquals([a.peers, b.peers], [[], []]);
  }
  {
    await using a = startMesh("a", { onLog: (line) => logs.push(line) });
    a.setPeers(new Map([["b", url(b)]]));
    await waitUntil(() => logs.some((line) => /speaks http: only/.test(line)));
  }
});

Deno.test("a certificate without its key, or for another host, proves nothing", async () => {
  const authority = await createAuthority();
  const [mine, other, elsewhere] = await Promise.all([
    authority.issue(),
    authority.issue(),
    authority.issue("elsewhere.example"),
  ]);
  const authorities = [authority.certificate];
  const good = new Certificates({ ...mine, authorities });
  const forged = new Certificates({ certificate: mine.certificate, key: other.key, authorities });
  const away = new Certificates({ ...elsewhere, authorities });
  const hello: Hello = { ...introduction("a", "b"), origin: "https://127.0.0.1:1", nonce: "1" };
  const dialler = writeTranscript("dialler", hello, hello);
  const listener = writeTranscript("listener", hello, hello);
  assertEquals(good.refute(dialler, good.prove(dialler)), null);
  assertEquals(good.refute(listener, good.prove(listener)), null);
  assertMatch(good.refute(dialler, forged.prove(dialler))!, /does not have the key/);
  // A dialler's proof that was made for another listener.
  assertMatch(away.refute(dialler, good.prove(dialler))!, /not a name of the certificate/);
  assertMatch(good.refute(listener, away.prove(listener))!, /not a name of the certificate/);
  assertMatch(good.refute(listener, "{}")!, /malformed/);
  const stranger = await createAuthority();
  assertThrows(
    () => new Certificates({ ...mine, authorities: [stranger.certificate] }),
    PinionError,
    "not signed by an authority",
  );
});

Deno.test("two runtimes with different secrets say why they do not link", async () => {
  const logs: string[] = [];
  const onLog = (line: string) => void logs.push(line);
  await using a = startMesh("a", { onLog, trust: { secret: "one" } });
  await using b = startMesh("b", { trust: { secret: "two" } });
  a.setPeers(new Map([["b", addressOf(b)]]));
  b.setPeers(new Map([["a", addressOf(a)]]));
  await waitUntil(() => logs.some((line) => /does not know the mesh's secret/.test(line)));
  const lost = Promise.withResolvers<string>();
  a.onPeerLost((_shardId, { message }) => lost.resolve(message));
  assertMatch(await lost.promise, /Shard b is lost: not heard .*secret/);
});
