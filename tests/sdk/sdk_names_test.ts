import { assertEquals } from "@std/assert";
import { SDK_NAMES } from "../../isolate/process/sdk_names.ts";
import * as sdk from "../../sdk/mod.ts";

Deno.test("the import map of a child names every value that the SDK exports", () => {
  assertEquals([...SDK_NAMES], Object.keys(sdk).sort());
});
