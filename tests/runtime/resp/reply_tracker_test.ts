import { assertEquals, assertRejects } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { ClientState } from "../../../runtime/resp/replies/client_state.ts";
import { ReplyTracker } from "../../../runtime/resp/proxy/reply_tracker.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (parts: readonly Uint8Array[]) =>
  parts.map((part) => new TextDecoder().decode(part)).join("");

function create() {
  const state = new ClientState();
  const tracker = new ReplyTracker(state);
  const take = (text: string) => {
    const { parts, endsAtBoundary } = tracker.take(encode(text));
    return [decode(parts), endsAtBoundary] as const;
  };
  return { state, tracker, take };
}

Deno.test("replies are counted and passed on, wherever they break", () => {
  const { tracker, take } = create();
  tracker.expect(3);
  assertEquals(take("+OK\r\n$3\r\nfo"), ["+OK\r\n$3\r\nfo", false]);
  assertEquals(tracker.outstanding, 2);
  assertEquals(take("o\r\n*1\r\n:1\r\n"), ["o\r\n*1\r\n:1\r\n", true]);
  assertEquals(tracker.outstanding, 0);
});

Deno.test("pushes are no replies", () => {
  const { tracker, take } = create();
  tracker.expect(1);
  take(">2\r\n+message\r\n+x\r\n");
  assertEquals(tracker.outstanding, 1);
  take("+OK\r\n>2\r\n+message\r\n+x\r\n");
  assertEquals(tracker.outstanding, 0);
});

Deno.test("it learns from the replies to noted commands, and only from those", () => {
  const { state, tracker, take } = create();
  tracker.expect(1);
  tracker.noteNext("hello");
  tracker.expect(1);
  tracker.noteNext("multi");
  tracker.expect(2);
  take("%1\r\n+a\r\n+b\r\n");
  assertEquals(state.protocol, 2);
  take("%1\r\n+a\r\n+b\r\n");
  assertEquals(state.protocol, 3);
  take("+OK\r\n+QUEUED\r\n");
  assertEquals(state.isInMulti, true);
  tracker.noteNext("discard");
  tracker.expect(1);
  take("-ERR no\r\n");
  assertEquals(state.isInMulti, true);
  tracker.noteNext("exec");
  tracker.expect(1);
  take("*1\r\n+OK\r\n");
  assertEquals(state.isInMulti, false);
  tracker.noteNext("reset");
  tracker.expect(1);
  take("+RESET\r\n");
  assertEquals(state.protocol, 2);
});

Deno.test("a captured frame is taken out, even in pieces", async () => {
  const { tracker, take } = create();
  const captured = tracker.capture(() => true);
  assertEquals(take(">1\r\n+push\r\n:"), [">1\r\n+push\r\n", true]);
  assertEquals(take("1"), ["", true]);
  assertEquals(take("\r\n>1\r\n+push\r\n"), [">1\r\n+push\r\n", true]);
  assertEquals(decode([await captured]), ":1\r\n");
  assertEquals(tracker.outstanding, 0);
});

Deno.test("a candidate that is not the one is passed on whole", async () => {
  const { tracker, take } = create();
  tracker.beginPiping();
  const captured = tracker.capture((frame) => decode([frame]) === "+yes\r\n");
  assertEquals(take("*1\r\n$3\r\nf")[0], "");
  assertEquals(take("oo\r\n+y")[0], "*1\r\n$3\r\nfoo\r\n");
  assertEquals(take("es\r\n+more\r\n"), ["+more\r\n", true]);
  assertEquals(decode([await captured]), "+yes\r\n");
});

Deno.test("a frame too large to be looked at is passed on while it arrives", () => {
  const { tracker, take } = create();
  tracker.beginPiping();
  tracker.capture(() => false).catch(() => {});
  const half = "x".repeat(50_000);
  assertEquals(take(`$100000\r\n${half}`)[0], "");
  assertEquals(take(half)[0], `$100000\r\n${half}${half}`);
  assertEquals(take("\r\n+OK\r\n")[0], "\r\n+OK\r\n");
});

Deno.test("unwanted replies are dropped, pushes are not", () => {
  const { state, tracker, take } = create();
  tracker.noteNext("drop");
  tracker.expect(2);
  assertEquals(take("$5\r\nab")[0], "");
  assertEquals(take("cde\r\n:2\r\n")[0], ":2\r\n");
  state.isReplyOff = true;
  tracker.expect(2);
  assertEquals(take("+OK\r\n>1\r\n+p")[0], ">1\r\n+p");
  assertEquals(take("ush\r\n*2\r\n:1\r\n")[0], "ush\r\n");
  assertEquals(take(":2\r\n")[0], "");
  assertEquals(tracker.outstanding, 0);
});

Deno.test("MONITOR and frames that are none end all looking", async () => {
  const first = create();
  first.tracker.noteNext("monitor");
  first.tracker.expect(1);
  assertEquals(first.take("+OK\r\n+123 [0 x] anything\r\nnot a frame"), [
    "+OK\r\n+123 [0 x] anything\r\nnot a frame",
    false,
  ]);
  assertEquals(first.tracker.mode, "opaque");

  const second = create();
  const captured = second.tracker.capture(() => true);
  assertEquals(second.take("?")[0], "?");
  assertEquals(second.tracker.mode, "opaque");
  await assertRejects(() => captured, PinionError);

  const long = `+${"x".repeat(70_000)}\r\n`;
  const third = create();
  third.tracker.expect(1);
  assertEquals(third.take(long)[0], long);
  assertEquals(third.tracker.outstanding, 0);
});

Deno.test("a subscriber's RESET is waited for among its messages", () => {
  const { state, tracker, take } = create();
  state.isInMulti = true;
  tracker.beginPiping();
  tracker.awaitReset();
  assertEquals(tracker.outstanding, 1);
  take("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n");
  assertEquals(tracker.outstanding, 1);
  take("+RESET\r\n");
  assertEquals(tracker.outstanding, 0);
  assertEquals(tracker.mode, "synced");
  assertEquals(state.isInMulti, false);
});
