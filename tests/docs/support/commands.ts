/**
 * Commands that pages show without running them: their names and flags must exist.
 *
 * @module
 */

import { runCli } from "../../cli/run_cli.ts";
import { pathOf } from "./pages.ts";

/** Tasks that are sub-commands of the command line, with their names there. */
const SUB_COMMANDS: Readonly<Record<string, string>> = {
  start: "start",
  cluster: "start-cluster",
  deploy: "deploy",
  demo: "demo",
};

const helps = new Map<string, Promise<string>>();

/** Lists what is wrong with each `deno task …` in a text: an unknown task, sub-command or flag. */
export async function listFaults(text: string): Promise<string[]> {
  const config: unknown = JSON.parse(await Deno.readTextFile(pathOf("deno.json")));
  const { tasks } = config as { readonly tasks: Readonly<Record<string, unknown>> };
  const faults: string[] = [];
  for (const [line, task, rest] of text.matchAll(/deno task ([\w-]+)([^\n|#;&`]*)/g)) {
    if (tasks[task] === undefined) faults.push(`${line}: no task ${task}`);
    else faults.push(...(await listUnknownFlags(task, rest)).map((flag) => `${line}: no ${flag}`));
  }
  return faults;
}

async function listUnknownFlags(task: string, rest: string): Promise<string[]> {
  const words = rest.trim().split(/\s+/).filter((word) => word !== "");
  const flags = words.map((word) => /^--?[a-z][\w-]*/.exec(word)?.[0])
    .filter((flag) => flag !== undefined);
  if (task !== "pinion" && SUB_COMMANDS[task] === undefined) return [];
  const path = task === "pinion"
    ? words.filter((word) => /^[a-z][\w-]*$/.test(word)).slice(0, 2)
    : [SUB_COMMANDS[task]];
  const help = await readHelp(path);
  if (help === undefined) return [path.join(" ")];
  // A group of sub-commands takes the flags of the one that it stands for: `registrations` lists.
  const list = path.length === 1 ? await readHelp([...path, "list"]) : undefined;
  const known = `${help}\n${list ?? ""}`;
  return flags.filter((flag) => !new RegExp(`(^|[\\s,])${flag}(?![\\w-])`).test(known));
}

/** Reads the help of a sub-command of one or two words; undefined where there is none. */
async function readHelp(path: readonly string[]): Promise<string | undefined> {
  for (const words of [path, path.slice(0, 1)]) {
    const { code, stdout } = await askHelp(words.join(" "));
    if (code === 0 && stdout.includes(["pinion", ...words].join(" "))) return stdout;
  }
  return undefined;
}

function askHelp(words: string): Promise<{ code: number; stdout: string }> {
  const known = helps.get(words)?.then((stdout) => ({ code: stdout === "" ? 1 : 0, stdout }));
  if (known !== undefined) return known;
  const args = words === "" ? ["--help"] : [...words.split(" "), "--help"];
  const asked = runCli(args).then(({ code, stdout }) => code === 0 ? stdout : "");
  helps.set(words, asked);
  return asked.then((stdout) => ({ code: stdout === "" ? 1 : 0, stdout }));
}
