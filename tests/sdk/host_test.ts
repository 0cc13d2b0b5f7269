import { assertEquals, assertThrows } from "@std/assert";
import * as sdk from "../../sdk/mod.ts";

const OUTSIDE = "This function works only where Pinion runs it";

Deno.test("outside of Pinion the SDK records, and says where it works when it is to act", () => {
  const builder = sdk.GB("KeysReader").map((record) => record.key).count();
  const calls: readonly (() => unknown)[] = [
    () => builder.run("*"),
    () => sdk.execute("PING"),
    () => sdk.atomic(() => {}),
    () => sdk.log("x"),
    () => sdk.hashtag(),
    () => sdk.configGet("x"),
    () => sdk.env.NAME,
    () => ({ ...sdk.env }),
  ];
  for (const call of calls) assertThrows(call, sdk.GearsError, OUTSIDE);
  assertEquals(sdk.isAsyncAllow(), true);
});

Deno.test("the functions of the SDK check their arguments before anything else", () => {
  // deno-lint-ignore no-explicit-any
  const { execute, atomic, log, configGet } = sdk as any;
  const { GearsError } = sdk;
  assertThrows(() => execute(5), GearsError, "the given command must be a string, got 5");
  assertThrows(() => atomic(), GearsError, "atomic argument must be a function, got undefined");
  assertThrows(() => atomic(["a"]), GearsError, "atomic argument must be a function");
  assertThrows(() => atomic(["a"], 1), GearsError, "atomic argument must be a function, got 1");
  assertThrows(() => log(5), GearsError, "Log message must be a string, got 5");
  assertThrows(
    () => log("x", "loud"),
    GearsError,
    "Log level should be one of the following : debug,verbose,notice,warning",
  );
  assertThrows(() => configGet(5), GearsError, "get_config key must be a string, got 5");
  assertThrows(() => sdk.flatError("TEXT as it is"), sdk.FlatError, "TEXT as it is");
});
