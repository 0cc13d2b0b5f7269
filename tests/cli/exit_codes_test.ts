import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCli } from "./run_cli.ts";

/** An address at which nothing answers. */
const NOWHERE = "http://127.0.0.1:1";

interface Row {
  readonly args: readonly string[];
  readonly code: number;
  /** What stderr says. */
  readonly says: string;
}

const ROWS: readonly Row[] = [
  { args: ["no-such-command"], code: 2, says: "unknown command 'no-such-command'" },
  { args: ["deploy"], code: 2, says: "missing required argument 'file'" },
  { args: ["libraries", "--no-such"], code: 2, says: "unknown option '--no-such'" },
  { args: ["libraries", "a b"], code: 2, says: "expected 1 to 64 of A-Z" },
  { args: ["libraries", "--url", "nowhere"], code: 2, says: "--url: expected an address" },
  { args: ["libraries", "--url", NOWHERE], code: 5, says: "Nothing answers at http://127.0.0.1:1" },
  { args: ["deploy", "x.ts", "--memory-mb", "3"], code: 2, says: "--memory-mb: expected a whole" },
  { args: ["deploy", "x.ts", "--env", "A"], code: 2, says: "--env: expected NAME=VALUE" },
  { args: ["deploy", "a.ts", "b.ts", "--name", "x"], code: 2, says: "go with one file, got 2" },
  {
    args: ["deploy", "a.ts", "b/a.ts"],
    code: 2,
    says: 'Two of the files would be the library "a"',
  },
  { args: ["deploy", "a b.ts"], code: 2, says: "give one with --name" },
  { args: ["deploy", "no_such_file.ts"], code: 3, says: "The file no_such_file.ts cannot be read" },
  { args: ["run"], code: 2, says: "Expected either a file, - for stdin, or -e CODE" },
  { args: ["run", "x.ts", "-e", "1"], code: 2, says: "Expected either a file" },
  { args: ["run", "no_such_file.ts"], code: 3, says: "cannot be read" },
  { args: ["run", "-e", "1", "--mode", "sync"], code: 2, says: "--mode: expected async" },
  { args: ["invoke", "lib", "fn", "{not json"], code: 2, says: "The body is no JSON" },
  { args: ["invoke", "lib", "fn", "@no_such.json"], code: 3, says: "no_such.json cannot be read" },
  { args: ["rollback", "lib", "--to", "0"], code: 2, says: "--to: expected a whole number of 1" },
  { args: ["start", "--config", "no_such.json"], code: 3, says: "no_such.json cannot be read" },
];

for (const { args, code, says } of ROWS) {
  Deno.test(`cli: \`${args.join(" ")}\` ends with ${code} and says why`, async () => {
    const result = await runCli(args);
    assertEquals([result.code, result.stdout], [code, ""]);
    assertStringIncludes(result.stderr, says);
  });
}

Deno.test("cli: with --json a failure is one JSON line on stderr", async () => {
  for (const args of [["libraries", "--url", NOWHERE], ["deploy"], ["libraries", "--no-such"]]) {
    const { stdout, stderr } = await runCli([...args, "--json"]);
    const { error } = JSON.parse(stderr);
    assertEquals([stdout, typeof error.code, typeof error.message], ["", "string", "string"]);
  }
});

Deno.test("cli: what is unreachable comes with what to do", async () => {
  const { stderr } = await runCli(["libraries", "--url", NOWHERE]);
  assertStringIncludes(stderr, "Cannot list the libraries");
  assertStringIncludes(stderr, "deno task start");
});
