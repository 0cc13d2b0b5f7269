import { assertEquals } from "@std/assert";
import { engineSuite } from "../../support/engine_suite.ts";
import { deploy, invoke, refusal } from "./library_calls.ts";

/** Says that line 2 of a bundle is line 10 of `src/author.ts` from column 5 on, line 3 line 11. */
const SOURCE_MAP = JSON.stringify({
  version: 3,
  sources: ["src/author.ts"],
  names: [],
  mappings: ";AASI;AACA",
});

const LIBRARY = `import { GearsBuilder } from "pinion";
export function fail() { throw new Error("no"); }
export const failing = new GearsBuilder("GeneratorReader", () => [1]).map(() => fail());`;

engineSuite("engine: places of a bundle", {
  "are shown as places of the author's files": async (test) => {
    await deploy(test, LIBRARY, { sourceMap: SOURCE_MAP });
    const error = await refusal(invoke(test, "fail"), "FUNCTION_FAILED");
    assertEquals(error.location, { file: "src/author.ts", line: 10, column: 5 });
    assertEquals(error.authorStack, "at fail (src/author.ts:10:5)");
    const { errors } = await invoke(test, "failing");
    assertEquals(errors, ["Error: no (src/author.ts:10:5)"]);
  },

  "also where the module cannot be loaded": async (test) => {
    const thrown = deploy(test, "\nmissing();", { upgrade: true, sourceMap: SOURCE_MAP });
    assertEquals((await refusal(thrown, "SCRIPT_FAILED")).location, {
      file: "src/author.ts",
      line: 10,
      column: 5,
    });
    const malformed = deploy(test, "\n\nlet a = ;", { upgrade: true, sourceMap: SOURCE_MAP });
    assertEquals((await refusal(malformed, "SCRIPT_SYNTAX")).location, {
      file: "src/author.ts",
      line: 11,
      column: 5,
    });
  },

  "stay as they are without a usable source map": async (test) => {
    for (const sourceMap of [undefined, "{", "null", JSON.stringify({ version: 2 })]) {
      await deploy(test, LIBRARY, { upgrade: true, sourceMap });
      const error = await refusal(invoke(test, "fail"), "FUNCTION_FAILED");
      assertEquals(error.location, { file: "lib.js", line: 2, column: 32 });
    }
  },

  "are there again after a restart": async (test) => {
    await deploy(test, LIBRARY, { upgrade: true, sourceMap: SOURCE_MAP });
    await test.restart();
    const error = await refusal(invoke(test, "fail"), "FUNCTION_FAILED");
    assertEquals(error.location?.file, "src/author.ts");
  },
});
