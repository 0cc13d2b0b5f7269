/**
 * `deno task mutate` examines faults in a small project: it sees what the tests see, and no more.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { readFiles } from "../../tools/mutate/checkout.ts";
import { chooseFaults } from "../../tools/mutate/choose_faults.ts";
import { type Fault, toFault } from "../../tools/mutate/fault.ts";
import { sumUp } from "../../tools/mutate/report.ts";
import { type FaultRunOptions, runFaults, type RunOutcome } from "../../tools/mutate/run_faults.ts";

const FILES: Readonly<Record<string, string>> = {
  "deno.json": "{}",
  "fee.ts": "export const fee = (sum: number): number => sum < 10 ? 1 : 0;\n",
  "text.ts": "export const isLong = (text: string): boolean => text.length >= 80;\n",
  "loop.ts": "export function count(n: number) { let i = 0; while (i < n) { i++; } return i; }\n",
  "tests/fee_test.ts": `import { fee } from "../fee.ts";
    Deno.test("ten is free", () => { if (fee(10) !== 0) throw new Error("not free"); });`,
  "tests/text_test.ts": `import { isLong } from "../text.ts";
    Deno.test("a word is not long", () => { if (isLong("word")) throw new Error("long"); });`,
  "tests/loop_test.ts": `import { count } from "../loop.ts";
    Deno.test("three are counted", () => { if (count(3) !== 3) throw new Error("miscounted"); });`,
  "tests/broken_test.ts": `import { isLong } from "../text.ts";
    Deno.test("fails at all times", () => { throw new Error(String(isLong)); });`,
};
/** A loop without the step that ends it. */
const ENDLESS = toFault("loop.ts", "dropped step", FILES["loop.ts"], {
  start: FILES["loop.ts"].indexOf("i++;"),
  end: FILES["loop.ts"].indexOf("i++;") + "i++;".length,
  text: "",
});
const BUDGET = { maxTests: 3, faultMs: 60_000, caseMs: 6_000 };

Deno.test("mutate: a fault is seen by a case, another one by nobody, and nothing is left", async () => {
  await using place = await makePlace();
  const faults = [
    ...await choose(place.root, "fee.ts", "flipped comparison"),
    ...await choose(place.root, "text.ts", "flipped comparison"),
  ];
  const { verdicts, excluded } = await run(place, faults, { jobs: 1 });
  assertEquals(verdicts.map(({ kind, by }) => ({ kind, by })), [
    { kind: "seen", by: "tests/fee_test.ts: ten is free" },
    { kind: "unseen", by: "" },
  ]);
  assertEquals(sumUp(verdicts), { seen: 1, unseen: 1, hang: 0, percent: 50 });
  assertEquals(excluded, ["tests/broken_test.ts"]);
  assertEquals(await leftovers(place), []);
  assertEquals(await Deno.readTextFile(`${place.root}fee.ts`), FILES["fee.ts"]);
});

Deno.test("mutate: a case that does not end is a hang, which nobody saw", async () => {
  await using place = await makePlace();
  const faults = [ENDLESS];
  const { verdicts } = await run(place, faults, { jobs: 1 });
  assertEquals(verdicts.map(({ kind, by }) => ({ kind, by })), [
    { kind: "hang", by: "tests/loop_test.ts: three are counted" },
  ]);
});

Deno.test("mutate: an interruption ends the tests under way and removes the copies", async () => {
  await using place = await makePlace();
  const faults = [ENDLESS];
  const abort = new AbortController();
  const running = run(place, faults, { jobs: 1, signal: abort.signal });
  const timer = setTimeout(() => abort.abort(new Error("Ctrl-C")), 1_000);
  await assertRejects(() => running, Error, "Ctrl-C");
  clearTimeout(timer);
  assertEquals(await leftovers(place), []);
});

/** A project and a folder for its copies. */
class Place implements AsyncDisposable {
  readonly root: string;
  readonly dir: string;

  constructor(folder: string) {
    this.root = `${folder}/project/`;
    this.dir = `${folder}/copies`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(`${this.dir}/..`, { recursive: true });
  }
}

async function makePlace(): Promise<Place> {
  const place = new Place(await Deno.makeTempDir());
  await Deno.mkdir(place.dir);
  await Deno.mkdir(`${place.root}tests`, { recursive: true });
  for (const [path, text] of Object.entries(FILES)) {
    await Deno.writeTextFile(`${place.root}${path}`, text);
  }
  return place;
}

/** The first fault of a kind in a file. */
async function choose(root: string, path: string, kind: string): Promise<Fault[]> {
  const text = await Deno.readTextFile(`${root}${path}`);
  for (let seed = 1;; seed++) {
    const [fault] = chooseFaults(new Map([[path, text]]), seed, 1);
    if (fault.kind === kind) return [fault];
  }
}

async function run(
  { root, dir }: Place,
  faults: readonly Fault[],
  options: Partial<FaultRunOptions>,
): Promise<RunOutcome> {
  const checkout = await readFiles(root, Object.keys(FILES));
  const signal = new AbortController().signal;
  const onVerdict = () => {};
  return await runFaults(checkout, faults, {
    ...{ budget: BUDGET, jobs: 2, dir, signal, onVerdict },
    ...options,
  });
}

async function leftovers({ dir }: Place): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
}
