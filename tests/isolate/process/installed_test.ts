import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { buildIsolate } from "../../../tools/build/bundle_isolate.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PROBE = `import { findChildBundle } from "./isolate/process/child_bundle.ts";
try { console.log((await findChildBundle()).directory); }
catch (error) { console.log(error.code, error.message); }`;

/** A copy of what an installed package has: sources to run, and perhaps the bundle. */
async function install(
  { withLock, withBundle }: { readonly withLock: boolean; readonly withBundle: boolean },
): Promise<string> {
  const folder = await Deno.makeTempDir();
  const bundle = await buildIsolate();
  const parts = ["errors.ts", "deno.json", "contract", "sdk", "redis", "isolate", "types"];
  if (withLock) parts.push("deno.lock");
  await run("cp", ["-r", ...parts.map((part) => `${ROOT}${part}`), folder]);
  if (withBundle) {
    await Deno.mkdir(`${folder}/dist`);
    await run("cp", ["-r", bundle.replace(/\/$/, ""), `${folder}/dist/`]);
  }
  await Deno.writeTextFile(`${folder}/probe.ts`, PROBE);
  return folder;
}

async function run(command: string, args: readonly string[], cwd = "/"): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd })
    .output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

const probe = (folder: string) =>
  run(Deno.execPath(), ["run", "-A", "--no-lock", `${folder}/probe.ts`]);

Deno.test("a package without a lock file uses the bundle that it was shipped with", async () => {
  const folder = await install({ withLock: false, withBundle: true });
  assertStringIncludes(await probe(folder), `${folder}/dist/isolate-`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a checkout refuses a bundle once a source has changed, and says what to do", async () => {
  const folder = await install({ withLock: true, withBundle: true });
  assertStringIncludes(await probe(folder), `${folder}/dist/isolate-`);
  await Deno.writeTextFile(`${folder}/redis/slots.ts`, "\n", { append: true });
  const refusal = await probe(folder);
  assertEquals(refusal.split(" ", 1), ["INTERNAL"]);
  assertStringIncludes(refusal, "deno task build");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("nothing is bundled where the bundle is missing", async () => {
  const folder = await install({ withLock: true, withBundle: false });
  assertStringIncludes(await probe(folder), "deno task build");
  const entries = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  assertEquals(entries.includes("dist"), false);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the command line works from any folder", async () => {
  const elsewhere = await Deno.makeTempDir();
  const main = `${ROOT}cli/main.ts`;
  const help = await run(Deno.execPath(), ["run", "-A", main, "--help"], elsewhere);
  assertStringIncludes(help, "deploy");
  await Deno.writeTextFile(`${elsewhere}/hello.ts`, "export const hello = () => 'hi';\n");
  const refused = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main, "deploy", "hello.ts", "--url", "http://127.0.0.1:1"],
    cwd: elsewhere,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(refused.stderr);
  assertStringIncludes(text, "http://127.0.0.1:1");
  await Deno.remove(elsewhere, { recursive: true });
});
