import { assertEquals, assertMatch } from "@std/assert";
import type { LogLine } from "../../runtime/engine/engine.ts";
import { engineSuite } from "../support/engine_suite.ts";

engineSuite("conformance: functions of the SDK", {
  "log and console write to the execution, the caller and the runtime": async (test) => {
    const lines: LogLine[] = [];
    const outcome = await test.engine.runScript(
      `GB("GeneratorReader").forEach((n) => {
        log("plain");
        log("loud", "warning");
        console.log("two", 2, { a: [1] });
        console.error(new TypeError("shown").message);
        console.debug("quiet");
      }).run(() => [0])`,
      { unblocking: true, id: "logging", onLog: (line) => lines.push(line) },
    );
    const id = (outcome as { executionId: string }).executionId;
    await test.engine.waitForResults(id);
    const expected = [
      "notice plain",
      "warning loud",
      "notice two 2 { a: [ 1 ] }",
      "warning shown",
      "debug quiet",
    ];
    const show = (logs: readonly LogLine[]) => logs.map((line) => `${line.level} ${line.message}`);
    assertEquals(show(lines), expected);
    assertEquals(show((await test.engine.getExecution(id)).logs), expected);
    assertEquals(show(test.engine.recentLogs("logging")), expected);
    assertEquals(test.logs.slice(-5), expected.map((line) => `logging ${line}`));
  },

  "long lines are cut": async (test) => {
    const lines: LogLine[] = [];
    await test.engine.runScript(`log("x".repeat(100000)); console.log("y".repeat(100000));`, {
      onLog: (line) => lines.push(line),
    });
    assertEquals(lines.map(({ message }) => message.length), [8_192, 8_192]);
  },

  "log refuses what is no line": async (test) => {
    const { errors } = await test.run(`
      const calls = [() => log(5), () => log("x", "loud"), () => configGet(5)];
      GB("GeneratorReader").map((n) => calls[n]()).run(() => [0, 1, 2])`);
    assertMatch(errors[0], /^Log message must be a string, got 5 \(script\.ts:2:\d+\)$/);
    assertMatch(errors[1], /^Log level should be one of the following : debug,verbose,notice,/);
    assertMatch(errors[2], /^get_config key must be a string, got 5/);
  },

  "hashtag, isAsyncAllow and env of a script": async (test) => {
    assertEquals(
      await test.results(`GB("GeneratorReader").map(() => [hashtag(), isAsyncAllow(), { ...env }])
        .run(() => [0])`),
      [["06S", true, {}]],
    );
  },

  "configGet sees the user's own keys, also those set while it runs": async (test) => {
    test.engine.config.set("MyKey", "one");
    const waiting = test.results(`
      const before = configGet("MyKey");
      GB("GeneratorReader").map(async () => {
        await execute("SET", "started", 1);
        while (configGet("MyKey") === "one") await execute("PING");
        return [before, configGet("MyKey"), configGet("Other"), configGet("Other", "fallback"),
          configGet("MaxExecutions"), configGet("toString")];
      }).run(() => [0])`);
    while (await test.ask("EXISTS", "started") === 0);
    test.engine.config.set("MyKey", "two");
    assertEquals(await waiting, [["one", "two", undefined, "fallback", undefined, undefined]]);
  },

  "a script may import the SDK instead of using its globals": async (test) => {
    const results = await test.results(`
      import { execute as run, GearsBuilder, type Reply } from "pinion";
      const reply: Promise<Reply> = run("ECHO", "typed");
      new GearsBuilder("GeneratorReader").map(async (n: number) => [n, await reply])
        .run(() => [1]);`);
    assertEquals(results, [[1, "typed"]]);
  },

  "a script has no way to the process, the disk or the net": async (test) => {
    const [found] = await test.results(`GB("GeneratorReader").map(async () => [
      ["Deno", "process", "Worker", "BroadcastChannel", "caches", "localStorage", "Buffer"]
        .filter((name) => name in globalThis),
      await fetch("http://127.0.0.1:${test.redis.address.port}/").catch((error) => error.name),
    ]).run(() => [0])`) as [string[], string][];
    assertEquals(found, [[], "NotCapable"]);
  },
});
