/**
 * The commands of ours: shapes and error texts of RedisGears 1.2, over both protocols.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { RespValue } from "../../../redis/resp_decoder.ts";
import { COMMAND_TABLE } from "../../../runtime/resp/commands/command_table.ts";
import { renderCommandTable } from "../../../runtime/resp/commands/help_command.ts";
import { encodeCommand, RawClient, until } from "./raw_client.ts";
import { startAsking } from "./start_asking.ts";

const ID = /^0{40}-\d+$/;
const UNKNOWN_ID = `${"0".repeat(40)}-999`;
const FOREVER = "GB('GeneratorReader').filter(() => false)" +
  ".run(function* () { while (true) yield 1; })";
const COUNT = "GB('ShardsIDReader').count().run()";

Deno.test("a script is answered with results and errors, or OK without a run", async () => {
  await using env = await startAsking();
  assertEquals(await env.ask("RG.TSEXECUTE", COUNT), [["1"], []]);
  assertEquals(await env.ask("rg.jsexecute", "1 + 1"), "OK");
  const failing = "GB('GeneratorReader')" +
    ".map((r) => { if (r === 1) throw new Error('odd'); return r; }).run(() => [1, 2])";
  const [results, errors] = await env.ask("RG.TSEXECUTE", failing) as string[][];
  assertEquals(results, ["2"]);
  assertEquals(errors.length, 1);
  assertStringIncludes(errors[0], "odd");
});

const VALUES = `[
  "+OK", "-ERR", "é", "", null, 1, 1.5, true, 12345678901234567890n,
  new Uint8Array([65, 66]), { a: [1, { b: 2 }] }, [1, "x", null], new Map([["k", 1]]), new Set([1]),
  new Date(0)
]`;
const run = (options: string) => `GB("GeneratorReader").run(() => ${VALUES}, ${options})`;

Deno.test("results are text by default", async () => {
  await using env = await startAsking();
  for (const protocol of ["2", "3"]) {
    await env.ask("HELLO", protocol);
    const [results, errors] = await env.ask("RG.TSEXECUTE", run("{}")) as RespValue[][];
    assertEquals(errors, []);
    assertEquals(results, [
      "+OK",
      "-ERR",
      "é",
      "",
      null,
      "1",
      "1.5",
      "true",
      '"12345678901234567890"',
      "AB",
      '{"a":[1,{"b":2}]}',
      '[1,"x",null]',
      '{"k":1}',
      "[1]",
      '"1970-01-01T00:00:00.000Z"',
    ]);
  }
});

Deno.test("with convertToStr false each result has its own type", async () => {
  await using env = await startAsking();
  const script = run("{ convertToStr: false }");
  const [results] = await env.ask("RG.TSEXECUTE", script) as RespValue[][];
  assertEquals(results, [
    "+OK",
    "-ERR",
    "é",
    "",
    null,
    1,
    "1.5",
    1,
    "12345678901234567890",
    "AB",
    '{"a":[1,{"b":2}]}',
    [1, "x", null],
    '{"k":1}',
    [1],
    "1970-01-01T00:00:00.000Z",
  ]);
  await env.ask("HELLO", "3");
  const [typed] = await env.ask("RG.TSEXECUTE", script) as RespValue[][];
  assertEquals(typed.slice(6, 9), [1.5, true, 12345678901234567890n]);
  assertEquals(typed[10], new Map([["a", [1, new Map([["b", 2]])]]]) as RespValue);
  assertEquals(typed[12], new Map([["k", 1]]) as RespValue);
});

Deno.test("options are read as RedisGears reads them", async () => {
  await using env = await startAsking();
  for (const keyword of ["ID", "description", "REPLACE_WITH"]) {
    assertEquals(
      await env.fail("RG.TSEXECUTE", COUNT, "UPGRADE", keyword),
      `${keyword.toUpperCase()} is missing`,
    );
  }
  assertEquals(
    await env.fail("RG.TSEXECUTE", COUNT, "UPGRADE", "FOO", "BAR"),
    "Unknown arguments were given: FOO",
  );
  assertEquals(
    await env.fail("RG.TSEXECUTE", COUNT, "ID", "a b"),
    "ID must be compose of: ['A'-'Z' | 'a'-'z' | '0' - '9' | '-' | '_']",
  );
  assertEquals(
    await env.ask("RG.TSEXECUTE", COUNT, "id", "mine", "description", "a count"),
    [["1"], []],
  );
  assertMatch(await env.client.ask("RG.TSEXECUTE", "\xff"), /^\+OK|^-/);
});

Deno.test("a script that fails is told with file, line and cause, on one line", async () => {
  await using env = await startAsking();
  const cases = [
    ["let x = ;", /^SCRIPT .*script\.ts:1:9/],
    ["\n\nfoo();", /^SCRIPT .*foo is not defined.*script\.ts:3/],
    ["import x from 'npm:x';", /^SCRIPT /],
    [`${COUNT};${COUNT}`, /^SCRIPT .*more then 1 executions/],
    ["GB('NoReader').run()", /^SCRIPT .*NoReader/],
  ] as const;
  for (const [source, expected] of cases) {
    assertMatch(await env.fail("RG.TSEXECUTE", source), expected);
  }
  assertEquals(await env.ask("RG.DUMPSESSIONS"), []);
  assertEquals(await env.ask("RG.DUMPEXECUTIONS"), []);
});

Deno.test("an unblocking execution is listed, shown, waited for and dropped", async () => {
  await using env = await startAsking();
  const id = await env.ask("RG.TSEXECUTE", COUNT, "UNBLOCKING") as string;
  assertMatch(id, ID);
  assertEquals(await env.ask("RG.GETRESULTSBLOCKING", id), [["1"], []]);
  assertEquals(await env.ask("RG.GETRESULTS", id, "ignored"), [["1"], []]);
  assertEquals(await env.ask("RG.DUMPEXECUTIONS", "ignored"), [
    ["executionId", id, "status", "done", "registered", 0],
  ]);
  for (const scope of [[], ["SHARD"], ["shard"]]) {
    const [entry] = await env.ask("RG.GETEXECUTION", id, ...scope) as RespValue[][];
    assertEquals(entry.slice(0, 3), ["shard_id", "0".repeat(40), "execution_plan"]);
    const plan = entry[3] as RespValue[];
    assertEquals(plan.length, 16);
    assertEquals(
      plan.filter((_item, index) => index % 2 === 0),
      [
        "status",
        "shards_received",
        "shards_completed",
        "results",
        "errors",
        "total_duration",
        "read_duration",
        "steps",
      ],
    );
    assertEquals([plan[1], plan[7], plan[9]], ["done", 1, []]);
    const steps = plan[15] as RespValue[][];
    assert(steps.length > 0);
    for (const step of steps) {
      assertEquals([step[0], step[2], step[4], step[6]], ["type", "duration", "name", "arg"]);
      assertEquals(typeof step[3], "number");
    }
  }
  assertEquals(await env.ask("RG.DROPEXECUTION", id), "OK");
  assertEquals(await env.fail("RG.GETRESULTS", id), "execution plan does not exist");
});

Deno.test("steps are listed last first", async () => {
  await using env = await startAsking();
  const id = await env.ask(
    "RG.TSEXECUTE",
    "GB('ShardsIDReader').map((r) => r).filter(() => true).run()",
    "UNBLOCKING",
  ) as string;
  await env.ask("RG.GETRESULTSBLOCKING", id);
  const [entry] = await env.ask("RG.GETEXECUTION", id) as RespValue[][];
  const steps = (entry[3] as RespValue[])[15] as RespValue[][];
  const types = steps.map((step) => step[1]);
  assert(types.indexOf("filter") < types.indexOf("map"), String(types));
});

Deno.test("RESP3 clients get maps where the shape is pairs", async () => {
  await using env = await startAsking();
  const id = await env.ask("RG.TSEXECUTE", COUNT, "UNBLOCKING") as string;
  await env.ask("RG.GETRESULTSBLOCKING", id);
  await env.ask("HELLO", "3");
  const [summary] = await env.ask("RG.DUMPEXECUTIONS") as Map<string, RespValue>[];
  assertEquals([...summary.keys()], ["executionId", "status", "registered"]);
  const [entry] = await env.ask("RG.GETEXECUTION", id) as Map<string, RespValue>[];
  assertEquals([...entry.keys()], ["shard_id", "execution_plan"]);
  assertEquals((entry.get("execution_plan") as Map<string, RespValue>).get("status"), "done");
});

Deno.test("a running execution is aborted", async () => {
  await using env = await startAsking();
  const id = await env.ask("RG.TSEXECUTE", FOREVER, "UNBLOCKING") as string;
  assertMatch(id, ID);
  assertEquals(await env.fail("RG.GETRESULTS", id), "execution is still running");
  assertEquals(
    await env.fail("RG.DROPEXECUTION", id),
    "can not drop a not yet finished execution, abort it first.",
  );
  assertEquals(await env.ask("RG.ABORTEXECUTION", id), "OK");
  const [summary] = await env.ask("RG.DUMPEXECUTIONS") as RespValue[][];
  assertEquals(summary[3], "aborted");
  assertEquals(await env.ask("RG.DROPEXECUTION", id), "OK");
});

Deno.test("unknown ids, wrong arities and sub-commands have the texts of RedisGears", async () => {
  await using env = await startAsking();
  const plan = "execution plan does not exist";
  for (const id of [UNKNOWN_ID, "x", ""]) {
    assertEquals(await env.fail("RG.GETRESULTS", id), plan);
    assertEquals(await env.fail("RG.GETRESULTSBLOCKING", id), plan);
    assertEquals(await env.fail("RG.GETEXECUTION", id), plan);
    assertEquals(await env.fail("RG.DROPEXECUTION", id), plan);
    assertEquals(await env.fail("RG.ABORTEXECUTION", id), "execution does not exist");
  }
  assertEquals(await env.fail("RG.GETEXECUTION", UNKNOWN_ID, "ALL"), "unknown subcommand");
  assertEquals(
    await env.fail("RG.GETEXECUTION", UNKNOWN_ID, "cluster"),
    "no cluster detected - use `RG.GETEXECUTION <id> [SHARD]` instead",
  );
  const arities: readonly (readonly string[])[] = [
    ["RG.TSEXECUTE"],
    ["rg.getresults"],
    ["RG.GETRESULTSBLOCKING", "1", "2"],
    ["RG.GETEXECUTION"],
    ["RG.GETEXECUTION", "1", "2", "3"],
    ["RG.ABORTEXECUTION"],
    ["RG.DROPEXECUTION", "1", "2"],
    ["RG.HELP", "1", "2"],
  ];
  for (const command of arities) {
    assertEquals(
      await env.fail(...command),
      `ERR wrong number of arguments for '${command[0].toLowerCase()}' command`,
    );
  }
  assertMatch(
    await env.fail("RG.NOSUCH", "a", "b c"),
    /^ERR unknown command 'RG\.NOSUCH', with args beginning with: 'a' 'b c' .*RG\.HELP/,
  );
  assertMatch(await env.fail("RG.PYEXECUTE", "GB().run()"), /^ERR .*RG\.TSEXECUTE/);
});

Deno.test("settings are read and written", async () => {
  await using env = await startAsking();
  assertEquals(await env.ask("RG.CONFIGGET"), []);
  assertEquals(await env.ask("RG.CONFIGSET"), []);
  assertEquals(
    await env.client.ask(
      "RG.CONFIGSET",
      "maxexecutions",
      "7",
      "my",
      "value",
      "ExecutionThreads",
      "2",
    ),
    "*3\r\n+OK\r\n+OK - value was saved in extra config dictionary\r\n" +
      "-(error) Config value ExecutionThreads not modifiable at runtime\r\n",
  );
  assertEquals(
    await env.client.ask("RG.CONFIGSET", "MaxExecutions", "x", "left"),
    "*2\r\n-(error) Failed setting config value MaxExecutions\r\n" +
      "-(error) Value was not given to left\r\n",
  );
  assertEquals(
    await env.client.ask("RG.CONFIGGET", "MaxExecutions", "my", "maxexecutions"),
    "*3\r\n:7\r\n$5\r\nvalue\r\n-(error) Unsupported config parameter: maxexecutions\r\n",
  );
});

Deno.test("sessions are listed in the order of their ids", async () => {
  await using env = await startAsking();
  await env.ask("RG.TSEXECUTE", FOREVER, "UNBLOCKING", "ID", "b", "DESCRIPTION", "text");
  await env.ask("RG.TSEXECUTE", FOREVER, "UNBLOCKING", "ID", "a");
  const sessions = await env.ask("RG.PYDUMPSESSIONS") as RespValue[][];
  assertEquals(sessions.map((session) => session[1]), ["a", "b"]);
  const [first, second] = sessions;
  assertEquals(first.length, 16);
  assertEquals(
    first.filter((_item, index) => index % 2 === 0),
    [
      "ID",
      "sessionDescription",
      "refCount",
      "linked",
      "dead",
      "requirementInstallationNeeded",
      "requirements",
      "registrations",
    ],
  );
  assertEquals([first[3], second[3], first[9]], [null, "text", "false"]);
  assertEquals(
    await env.ask("RG.DUMPSESSIONS", "VERBOSE", "SESSIONS", "nobody"),
    ["Session nobody does not exists"],
  );
  assertEquals(await env.ask("RG.DUMPSESSIONS", "SESSIONS"), []);
  assertEquals(await env.ask("RG.DUMPSESSIONS", "DEAD"), []);
  assertEquals(await env.fail("RG.DUMPSESSIONS", "TS"), "Unknown option TS");
});

Deno.test("one shard is no cluster", async () => {
  await using env = await startAsking();
  assertEquals(await env.ask("RG.INFOCLUSTER"), "no cluster mode");
});

Deno.test("help lists every command and tells all of one", async () => {
  await using env = await startAsking();
  const all = await env.ask("RG.HELP") as string[];
  for (const name of ["RG.TSEXECUTE", "RG.GETEXECUTION", "RG.CONFIGSET", "RG.DUMPSESSIONS"]) {
    assert(all.some((line) => line.startsWith(name)), name);
  }
  const one = await env.ask("RG.HELP", "jsexecute") as string[];
  assertEquals(
    one[0],
    "RG.TSEXECUTE <source> [UNBLOCKING] [UPGRADE] [REPLACE_WITH <id>] [ID <id>] [DESCRIPTION <text>]",
  );
  assertMatch(await env.fail("RG.HELP", "nothing"), /^ERR /);
});

Deno.test("the documentation's table has every command", () => {
  const lines = renderCommandTable(COMMAND_TABLE).split("\n");
  assertEquals(lines.length, COMMAND_TABLE.length + 2);
  for (const line of lines) assertEquals(line.match(/(?<!\\)\|/g)?.length, 4, line);
});

Deno.test("in a transaction a command of ours is refused, and EXEC fails", async () => {
  await using env = await startAsking();
  const refusal =
    "-Can not run gears inside a multi exec, lua, or when blocking is not allowed\r\n";
  for (const command of [["RG.TSEXECUTE", COUNT], ["RG.HELP"], ["RG.TSEXECUTE"]]) {
    await env.client.send(
      encodeCommand("MULTI") + encodeCommand("SET", "a", "1") + encodeCommand(...command) +
        encodeCommand("EXEC") + encodeCommand("GET", "a"),
    );
    assertEquals(await env.client.frames(5), [
      "+OK\r\n",
      "+QUEUED\r\n",
      refusal,
      "-EXECABORT Transaction discarded because of previous errors.\r\n",
      "$-1\r\n",
    ]);
  }
  await env.client.send(
    encodeCommand("MULTI") + encodeCommand("EXEC", "x") + encodeCommand("RG.DUMPEXECUTIONS"),
  );
  const frames = await env.client.frames(3);
  assertMatch(frames[1], /^-EXECABORT/);
  assertEquals(frames[2], "*0\r\n");
});

Deno.test("replies keep the order of the commands", async () => {
  await using env = await startAsking();
  const slow = "GB('ShardsIDReader').map(async (r) => {" +
    " await execute('SET', 'order', 'script'); return execute('GET', 'order'); }).run()";
  await env.client.send(
    encodeCommand("SET", "order", "before") + encodeCommand("GET", "order") +
      encodeCommand("RG.TSEXECUTE", slow) + encodeCommand("GET", "order") +
      encodeCommand("RG.CONFIGGET", "MaxExecutions") + encodeCommand("PING"),
  );
  assertEquals(await env.client.frames(6), [
    "+OK\r\n",
    "$6\r\nbefore\r\n",
    "*2\r\n*1\r\n$6\r\nscript\r\n*0\r\n",
    "$6\r\nscript\r\n",
    "*1\r\n:1000\r\n",
    "+PONG\r\n",
  ]);
});

Deno.test("a client that leaves aborts the script that it waits for", async () => {
  await using env = await startAsking();
  {
    using client = await RawClient.connect(env.runtime.resp);
    await client.command("RG.TSEXECUTE", FOREVER);
    await until(() => env.runtime.engine.listExecutions().length === 1);
  }
  await until(() =>
    env.runtime.engine.listExecutions().every(({ status }) => status !== "running")
  );
  await until(async () => (await env.runtime.engine.health()).executionsRunning === 0);
});
