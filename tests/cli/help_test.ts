import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS, GROUPS } from "../../cli/cli_commands.ts";
import { runCli } from "./run_cli.ts";

for (const command of COMMANDS) {
  Deno.test(`cli: \`${command.name} --help\` shows options and examples`, async () => {
    const { code, stdout, stderr } = await runCli([...command.name.split(" "), "--help"]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, `Usage: deno task pinion ${command.name}`);
    for (const [flags] of command.options) assertStringIncludes(stdout, flags.replace("...", ""));
    assert(command.examples.length >= 2, "two examples or more");
    for (const [line] of command.examples) assertStringIncludes(stdout, line);
    assertStringIncludes(stdout, "--json");
    assertEquals(stdout.includes("--token"), command.remote || command.name === "start");
  });
}

Deno.test("cli: without arguments it shows all commands", async () => {
  const { code, stdout } = await runCli([]);
  assertEquals(code, 0);
  for (const { name } of COMMANDS) assertStringIncludes(stdout, name.split(" ")[0]);
});

Deno.test("cli: a group shows its commands", async () => {
  for (const name of Object.keys(GROUPS)) {
    const { code, stdout } = await runCli([name, "--help"]);
    assertEquals(code, 0);
    for (const command of COMMANDS.filter((row) => row.name.startsWith(`${name} `))) {
      assertStringIncludes(stdout, command.summary);
    }
  }
});

Deno.test("cli: help never shows the token", async () => {
  const env = { PINION_TOKEN: "s3cret", PINION_URL: "http://u:pa55@127.0.0.1:1" };
  for (
    const args of [["--help"], ["libraries", "--help"], ["libraries"], ["libraries", "--json"]]
  ) {
    const { stdout, stderr } = await runCli(args, { env });
    assert(!/s3cret|pa55/.test(stdout + stderr), args.join(" "));
  }
});
