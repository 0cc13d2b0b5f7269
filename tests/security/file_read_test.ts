/**
 * Code reads no file, whichever way it asks.
 *
 * @module
 */

import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import {
  assertRefused,
  type Attempts,
  errorOf,
  resultOf,
  securitySuite,
} from "./support/security_suite.ts";

/** Every machine has one, and some of its content is known. */
const FILE = "file:///etc/hosts";
const CONTENT = /localhost/;
const REFUSED =
  /Requires (read|net|import) access|Cannot import "node:|not (supported|a dependency|a valid module type|defined|a function)|no such|Invalid URL/i;

/** Imports that are there to be read. */
const IMPORTS = {
  "a static import": `import text from "${FILE}" with { type: "text" }; log(text);`,
  "a dynamic import": `await import("${FILE}", { with: { type: "json" } });`,
  "a computed import": `await import("file" + ":///etc/passwd", { with: { type: "text" } });`,
  "an export from": `export * from "${FILE}";`,
  "an import of a type": `import type { x } from "${FILE}";`,
  "a deferred import": `import source x from "${FILE}"; log(String(x));`,
};

/** Imports that nobody sees before the code runs, and ways without one. */
const READS = {
  "eval of an import": `(0, eval)('import("${FILE}", { with: { type: "text" } })')`,
  "eval of an import as JSON": `(0, eval)('import("${FILE}", { with: { type: "json" } })')`,
  "eval of an import as bytes": `(0, eval)('import("${FILE}", { with: { type: "bytes" } })')`,
  "a function made of text":
    `new Function('return import("${FILE}", { with: { type: "text" } })')()`,
  "a module in an address":
    `(0, eval)(\`import('data:text/javascript,import x from "${FILE}" with { type: "text" }; export default x')\`)`,
  "a module in a Blob": `(0, eval)("import(url)".replace("url", JSON.stringify(URL.createObjectURL(
    new Blob(['import x from "${FILE}" with { type: "text" }; export default x'], { type: "text/javascript" }))))) `,
  "fetch": `(await fetch("${FILE}")).text()`,
  "fetch of a request": `(await fetch(new Request("${FILE}"))).text()`,
  "streaming compilation": `WebAssembly.compileStreaming(fetch("${FILE}"))`,
  "import.meta.resolve and fetch": `(await fetch(import.meta.resolve("${FILE}"))).text()`,
  "import.meta.filename": `fetch(import.meta.filename)`,
  "importScripts": `importScripts("${FILE}")`,
  "the modules of Node":
    `(0, eval)('import("node:fs")').then((fs) => fs.readFileSync("/etc/passwd", "utf8"))`,
  "require":
    `(0, eval)('import("node:module")').then((m) => m.createRequire("${FILE}")("${FILE}"))`,
  "process.binding": `process.binding("fs")`,
  "a file of the process": `(await fetch("file:///proc/self/environ")).text()`,
  "caches": `caches.open("x")`,
};

function importFails(source: string) {
  return async (arena: Arena) => {
    const answer = await arena.run(source);
    assertRefused(
      answer,
      "BAD_IMPORT",
      /^Cannot import (".*"|a computed specifier): only "pinion"/,
    );
    assertEquals(answer.body.location.file, "script.ts");
    await arena.deploy("reader", source);
    const deployed = await arena.request("PUT", "/v1/libraries/reader", {
      body: JSON.stringify({ source }),
      headers: { "content-type": "application/json" },
    });
    assertRefused(deployed, "BAD_IMPORT", /^Cannot import/);
  };
}

function readFails(expression: string) {
  return async (arena: Arena) => {
    const answer = await arena.evaluate(`return await ${expression};`);
    assertNotMatch(answer.text, CONTENT);
    assertNotMatch(answer.text, /root:/);
    assertMatch(errorOf(answer), REFUSED);
  };
}

const imports: Attempts = Object.fromEntries(
  Object.entries(IMPORTS).map(([name, source]) => [name, importFails(source)]),
);
const reads: Attempts = Object.fromEntries(
  Object.entries(READS).map(([name, expression]) => [name, readFails(expression)]),
);

securitySuite("reading files", {
  ...imports,
  ...reads,
  "an import that the check cannot see": async (arena) => {
    // No JavaScript, so the check leaves it to the isolate, whose process may not read either.
    const answer = await arena.run(
      `const n = <number> 1; import text from "${FILE}" with { type: "text" }; throw new Error(text);`,
    );
    assertNotMatch(answer.text, CONTENT);
    assertMatch(answer.body.code, /^(BAD_IMPORT|SCRIPT_\w+)$/, answer.excerpt);
  },
  "nothing, but import.meta": async (arena) => {
    const answer = await arena.evaluate(
      "return [import.meta.url, location.href, import.meta.main];",
    );
    const [url, href] = resultOf(answer) as string[];
    assertMatch(url + href, /^blob:null\/[0-9a-f-]+blob:null\/[0-9a-f-]+$/);
  },
});
