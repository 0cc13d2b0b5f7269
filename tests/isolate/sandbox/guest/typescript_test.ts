import { guestSuite } from "../../../suites/guest_suite.ts";

const MODULE = `export function add({ a, b }: { a: number; b: number }): number { return a + b; }
export function fail(): never { throw new TypeError("no such thing"); }
import { GearsBuilder, env } from "pinion";
export const failing = new GearsBuilder("GeneratorReader", () => [1, 2, 3]).map((n: number) => {
  if (n === 2) throw new RangeError("not two");
  return n;
});
export const double = new GearsBuilder("GeneratorReader", () => [1, 2, 3])
  .map(function twice(n: number) { return n * 2; });
export async function describe(_input: unknown, context: { library: string }) {
  return [context.library, env.PLACE];
}`;

guestSuite("typescript", {
  fileName: "author.ts",
  sources: {
    module: MODULE,
    syntaxError: "const first = 1;\nconst second = = 2;",
    topLevelError: 'const reason: string = "not today";\nthrow new Error(reason);',
    forbiddenImport:
      'import text from "file:///etc/passwd" with { type: "text" };\nexport { text };',
    reading: `const read = [Date.now(), new Date().getTime(), Math.random(), crypto.randomUUID()];
const counter = await execute("INCR", "counter");
GB("GeneratorReader").map(() => [...read, counter]).run(() => [0]);`,
    readingLess: 'const read = Date.now();\nGB("GeneratorReader").map(() => read).run(() => [0]);',
    running: 'import { GB } from "pinion";\nGB("GeneratorReader").run(() => [0]);',
    registeringAndRunning: `GB("CommandReader").register({ trigger: "first" });
GB("GeneratorReader").run(() => [0]);`,
    registeringLate: `GB("GeneratorReader").map(() =>
  GB("CommandReader").register({ trigger: "late" })).run(() => [0]);`,
    printing: 'console.log("printed");',
  },
});
