import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ErrorCode, PinionError, type SourceLocation } from "../../../errors.ts";
import { engineSuite } from "../../support/engine_suite.ts";
import { isolatePids } from "../../support/isolate_processes.ts";
import type { TestEngine } from "../../support/start_engine.ts";
import { waitUntil } from "../../support/wait_until.ts";

interface BadScript {
  readonly source: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** Line and column; none where there is no place to name. */
  readonly at?: readonly [line: number, column: number];
}

const BAD_SCRIPTS: Readonly<Record<string, BadScript>> = {
  "does not parse": {
    source: "const a = 1;\nGB().map((r) => r +* 2).run()",
    code: "SCRIPT_SYNTAX",
    message: "SyntaxError: ",
    at: [2, 20],
  },
  "lacks a bracket": {
    source: "GB().map((r) => {\n",
    code: "SCRIPT_SYNTAX",
    message: "SyntaxError: ",
    at: [1, 18],
  },
  "declares a name twice": {
    source: "let a = 1;\nlet a = 2;",
    code: "SCRIPT_SYNTAX",
    message: "SyntaxError: Identifier 'a' has already been declared",
    at: [2, 5],
  },
  "throws at the top level": {
    source: "\n\n  missing.call();",
    code: "SCRIPT_FAILED",
    message: "ReferenceError: missing is not defined",
    at: [3, 3],
  },
  "throws after an await": {
    source: `await execute("PING");\nthrow new TypeError("late");`,
    code: "SCRIPT_FAILED",
    message: "TypeError: late",
    at: [2, 7],
  },
  "throws text": { source: `throw "just text";`, code: "SCRIPT_FAILED", message: "thrown: just" },
  "awaits a command that fails": {
    source: `await execute("SET", "k");`,
    code: "SCRIPT_FAILED",
    message: "ERR wrong number of arguments for 'set' command",
    at: [1, 7],
  },
  "has a callback that is none": {
    source: "GB()\n  .map(5)\n  .run();",
    code: "BAD_PLAN",
    message: "map argument must be a function, got 5",
    at: [2, 4],
  },
  "names a reader that is none": {
    source: `GB("PythonReader").run();`,
    code: "BAD_PLAN",
    message: 'The given reader does not exists: "PythonReader"',
    at: [1, 1],
  },
  "names an option that is none": {
    source: `GB().run("*", { prefix: "x" });`,
    code: "BAD_PLAN",
    message: 'Unknown option "prefix" of run() with KeysReader',
    at: [1, 6],
  },
  "runs what waits for events": {
    source: `GB("CommandReader").run();`,
    code: "BAD_PLAN",
    message: "Given reader do not support run or not exists",
    at: [1, 21],
  },
  "runs twice": {
    source: `GB("ShardsIDReader").run();\nGB("ShardsIDReader").run();`,
    code: "BAD_PLAN",
    message: "Can not run more then 1 executions in a single script",
    at: [2, 22],
  },
  "runs again after the first is over": {
    source: `await GB("ShardsIDReader").run();\nawait GB("ShardsIDReader").run();`,
    code: "BAD_PLAN",
    message: "Can not run more then 1 executions in a single script",
    at: [2, 28],
  },
  "fails after its run has begun": {
    source: `GB("ShardsIDReader").run();\nthrow new Error("late");`,
    code: "SCRIPT_FAILED",
    message: "Error: late",
    at: [2, 7],
  },
  "makes a plan that cannot be": {
    source: `GB().run("x".repeat(70000));`,
    code: "BAD_PLAN",
    message: "Cannot run the plan: reader.pattern: Too big",
    at: [1, 6],
  },
  "makes a plan of too many steps": {
    source: `const gb = GB();\nfor (let n = 0; n < 1001; n++) gb.collect();\ngb.run();`,
    code: "BAD_PLAN",
    message: "Cannot run the plan: steps: Too big",
    at: [3, 4],
  },
  "imports a package": {
    source: `import pad from "npm:left-pad";\npad();`,
    code: "BAD_IMPORT",
    message: 'Cannot import "npm:left-pad": only "pinion" may be imported here',
    at: [1, 18],
  },
  "imports what it computes": {
    source: `const name = "npm:left-pad";\nawait import(name);`,
    code: "BAD_IMPORT",
    message: "Cannot import a computed specifier",
    at: [2, 14],
  },
  "imports what the SDK has not": {
    source: `import { nothing } from "pinion";\nnothing();`,
    code: "SCRIPT_SYNTAX",
    message: "does not provide an export named 'nothing'",
    at: [1, 10],
  },
};

async function filesOf(directory: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  return names.filter((name) => name !== "deno");
}

async function expectNothingLeft(test: TestEngine): Promise<void> {
  assertEquals(test.engine.listSessions(), []);
  assertEquals(test.engine.listExecutions(), []);
  assertEquals(await test.ask("KEYS", "*"), []);
  await waitUntil(async () => (await isolatePids()).length === 1);
  await waitUntil(async () => (await filesOf(test.directory)).length === 0);
  assertEquals((await test.engine.health()).isolates, 1);
}

engineSuite("engine: scripts that cannot be", {
  "each gives one error with file, line and cause, and leaves nothing behind": async (test) => {
    for (const [name, { source, code, message, at }] of Object.entries(BAD_SCRIPTS)) {
      for (const unblocking of [false, true]) {
        const running = test.engine.runScript(source, { unblocking });
        const error = await assertRejects(() => running, PinionError, "", name);
        assertEquals(error.code, code, `${name}: ${error.message}`);
        assertStringIncludes(error.message, message, name);
        const location: SourceLocation | undefined = at &&
          { file: "script.ts", line: at[0], column: at[1] };
        assertEquals(error.location, location, name);
        assertEquals(test.engine.listExecutions(), [], name);
      }
    }
    await expectNothingLeft(test);
  },

  "options that cannot be are refused before anything starts": async (test) => {
    const refused: readonly (readonly [options: Record<string, unknown>, code: ErrorCode])[] = [
      [{ id: "a b" }, "BAD_OPTION"],
      [{ id: "ä" }, "BAD_OPTION"],
      [{ replaceWith: "nobody" }, "NO_SESSION"],
    ];
    for (const [options, code] of refused) {
      const running = test.engine.runScript(`execute("SET", "k", 1);`, options);
      assertEquals((await assertRejects(() => running, PinionError)).code, code);
    }
    await expectNothingLeft(test);
  },

  "no error tells where the runtime lives": async (test) => {
    const directory = new URL("../../../", import.meta.url).pathname;
    for (const [name, { source }] of Object.entries(BAD_SCRIPTS)) {
      const running = test.engine.runScript(source, {});
      const { message, authorStack = "" } = await assertRejects(
        () => running,
        PinionError,
        "",
        name,
      );
      for (const secret of [directory, test.directory, "blob:", "file:", "node_modules"]) {
        assertEquals(message.includes(secret), false, message);
        assertEquals(authorStack.includes(secret), false, authorStack);
      }
    }
  },
});
