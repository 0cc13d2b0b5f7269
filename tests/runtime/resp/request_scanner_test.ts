import { assert, assertEquals, assertThrows } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import {
  type RequestPiece,
  RequestScanner,
} from "../../../runtime/resp/requests/request_scanner.ts";
import { RESP_LIMITS } from "../../../runtime/resp/replies/resp_limits.ts";
import { encodeCommand } from "./raw_client.ts";

const LIMITS = { ...RESP_LIMITS, maxScriptBytes: 100, maxArgs: 4, readBufferBytes: 256 };
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** What a stream came to: forwarded text, and what was seen on the way, in order. */
interface Seen {
  readonly events: string[];
  commands: number;
}

/** Feeds chunks as the connection does: what is not consumed is seen again with more behind it. */
function feed(chunks: readonly Uint8Array[]): Seen {
  const scanner = new RequestScanner(LIMITS);
  const seen: Seen = { events: [], commands: 0 };
  let buffer = new Uint8Array(0);
  for (const chunk of chunks) {
    const joined = new Uint8Array(buffer.length + chunk.length);
    joined.set(buffer);
    joined.set(chunk, buffer.length);
    buffer = joined;
    let start = 0;
    while (start < buffer.length) {
      const piece = scanner.scan(buffer, start, buffer.length);
      note(seen, piece, buffer, start);
      if (piece.kind !== "note") start = piece.end;
      if (piece.kind === "more") break;
    }
    buffer = buffer.slice(start);
  }
  return seen;
}

function note(seen: Seen, piece: RequestPiece, buffer: Uint8Array, start: number): void {
  const { events } = seen;
  switch (piece.kind) {
    case "forward": {
      const text = decode(buffer.subarray(start, piece.end));
      const last = events.at(-1);
      if (last?.startsWith(">")) events[events.length - 1] = last + text;
      else events.push(`>${text}`);
      seen.commands += piece.commands;
      if (piece.isAlone) events.push("alone");
      return;
    }
    case "note":
      return void events.push(`note ${piece.row.name}`);
    case "client reply":
      return void events.push(`client reply ${piece.mode}`);
    case "gears":
      return void events.push(`gears ${piece.args.map(decode).join("|")}`);
    case "refused":
      return void events.push(`refused ${piece.error.message}`);
  }
}

const GET = encodeCommand("GET", "key");
const SET = encodeCommand("set", "k", "v\r\n*1\r\n$7\r\nRG.HELP\r\n");
const STREAM = [
  GET,
  SET,
  "PING\r\n",
  "\r\n",
  "*0\r\n",
  "*-1\r\n",
  encodeCommand("rg.tsexecute", "GB().run()", "ID", "x"),
  GET,
  'RG.HELP "a b"\r\n',
  encodeCommand("hello", "3"),
  encodeCommand("RESET"),
  encodeCommand("CLIENT", "REPLY", "off"),
  encodeCommand("client", "reply", "never"),
  "client reply skip\r\n",
  encodeCommand("CLIENT", "GETNAME"),
  "monitor\n",
  encodeCommand("RG.TSEXECUTE", "x".repeat(100)),
  encodeCommand("RG.TSEXECUTE", "x".repeat(101)),
  encodeCommand("RG.CONFIGGET", "1", "2", "3", "4"),
  encodeCommand("RG."),
  GET,
];
const EXPECTED = [
  `>${GET}${SET}PING\r\n\r\n*0\r\n*-1\r\n`,
  "gears rg.tsexecute|GB().run()|ID|x",
  `>${GET}`,
  "gears RG.HELP|a b",
  "note HELLO",
  `>${STREAM[9]}`,
  "note RESET",
  `>${STREAM[10]}`,
  "alone",
  "client reply OFF",
  `>${STREAM[12]}`,
  "client reply SKIP",
  `>${STREAM[14]}`,
  "note MONITOR",
  ">monitor\n",
  "alone",
  `gears RG.TSEXECUTE|${"x".repeat(100)}`,
  "refused Cannot read the command: expected at most 100 bytes, got 113",
  "refused Cannot read the command: expected at most 4 arguments, got 5",
  `>${STREAM[19]}${GET}`,
];

/** Adjacent runs may be handed out in any number of pieces. */
function joinRuns(events: readonly string[]): string[] {
  const joined: string[] = [];
  for (const event of events) {
    if (event.startsWith(">") && joined.at(-1)?.startsWith(">")) {
      joined[joined.length - 1] += event.slice(1);
    } else joined.push(event);
  }
  return joined;
}

Deno.test("a stream is cut into runs, commands to note and commands of ours", () => {
  const seen = feed([encode(STREAM.join(""))]);
  assertEquals(joinRuns(seen.events), EXPECTED);
  assertEquals(seen.commands, 11);
});

Deno.test("transactions are part of a run where replies are counted, and noted", () => {
  const scanner = new RequestScanner(LIMITS);
  const text = [GET, encodeCommand("multi"), GET, "EXEC\r\n", encodeCommand("DISCARD"), GET];
  const bytes = encode(text.join(""));
  assertEquals(scanner.scan(bytes, 0, bytes.length), {
    kind: "forward",
    end: bytes.length,
    commands: 6,
    notes: [{ index: 1, note: "multi" }, { index: 3, note: "exec" }, { index: 4, note: "discard" }],
    isAlone: false,
  });
  const first = scanner.scan(bytes, 0, bytes.length, false);
  assertEquals([first.kind, "end" in first && first.end], ["forward", GET.length]);
  const second = scanner.scan(bytes, GET.length, bytes.length, false);
  assertEquals(second.kind === "note" && second.row.name, "MULTI");
});

Deno.test("where the chunks break does not matter", () => {
  const bytes = encode(STREAM.join(""));
  const single = feed(Array.from(bytes, (_byte, at) => bytes.slice(at, at + 1)));
  assertEquals(joinRuns(single.events), EXPECTED);
  assertEquals(single.commands, 11);
  for (let at = 1; at < bytes.length; at++) {
    const seen = feed([bytes.slice(0, at), bytes.slice(at)]);
    assertEquals(joinRuns(seen.events), EXPECTED, `broken at ${at}`);
    assertEquals(seen.commands, 11, `broken at ${at}`);
  }
});

Deno.test("a large value is passed on while it arrives", () => {
  const scanner = new RequestScanner(LIMITS);
  const head = encode("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\nabc");
  assertEquals(scanner.scan(head, 0, head.length), {
    kind: "forward",
    end: head.length,
    commands: 1,
    notes: [],
    isAlone: false,
  });
  assertEquals(scanner.atBoundary, false);
  const body = new Uint8Array(999_997 + 2);
  scanner.scan(body, 0, body.length);
  assertEquals(scanner.atBoundary, true);
});

const MALFORMED: readonly (readonly [text: string, message: string])[] = [
  ["*x\r\n", "invalid multibulk length"],
  ["*99999999999999999999\r\n", "invalid multibulk length"],
  ["*1\r\n+OK\r\n", "expected '$', got '+'"],
  ["*1\r\n$-1\r\n", "invalid bulk length"],
  ["*1\r\n$x\r\n", "invalid bulk length"],
  ["*1\r\n$04\r\n", "invalid bulk length"],
  ["*2\r\n$3\r\nGET\r\n:1\r\n", "expected '$', got ':'"],
  ["*2\r\n$7\r\nRG.HELP\r\n:1\r\n", "expected '$', got ':'"],
  ['GET "a\r\n', "unbalanced quotes in request"],
  ["x".repeat(256), "too big inline request"],
];

Deno.test("a malformed frame throws, after what was before it", () => {
  for (const [text, message] of MALFORMED) {
    const error = assertThrows(() => feed([encode(GET + text)]), PinionError, message);
    assertEquals(error.code, "BAD_FRAME");
    const scanner = new RequestScanner(LIMITS);
    const bytes = encode(GET + text);
    const first = scanner.scan(bytes, 0, bytes.length);
    assert(first.kind === "forward" && first.end >= GET.length, text);
  }
});
