/**
 * The scenes of the demo, in their order: each is a function, and the call that runs it.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { LibrarySummary } from "../../contract/api/library_info.ts";
import { bundleFile } from "../bundle/bundle.ts";
import { formatCount } from "../ui/format.ts";
import type { Scene, SceneOutcome, Stage } from "./scene.ts";
import { followPremieres, PREMIERES_TEXT } from "./stream_scene.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
const LIBRARY_FILE = "http_function.ts";
/** A name of its own: with `--redis` there may be libraries of the user. */
export const DEMO_LIBRARY = "pinion_demo";
/** Bars or rows that a scene shows. */
const SHOWN = 12;

const KINDS_OF_KEYS = `GB("KeysOnlyReader")
  .countBy((key) => key.split(":")[0])
  .run()`;
const DELETE_TEXT = `GB("KeysOnlyReader")
  .forEach((key) => execute("UNLINK", key))
  .count()
  .run("text:*")`;

const KeyCount = z.object({ key: z.string(), value: z.number() });
const DirectorRating = z.object({ director: z.string(), films: z.number(), rating: z.number() });
const Greeting = z.object({ text: z.string(), visits: z.number() });
const RunAnswer = z.object({ results: z.array(z.unknown()), errors: z.array(z.string()) });

/** Scenes in the order in which the demo plays them. */
export const SCENES: readonly Scene[] = [
  {
    name: "word_count",
    title: "Count the words of Moby-Dick",
    via: () => `${PROGRAM} run examples/word_count.ts`,
    source: { file: "word_count.ts" },
    play: (stage, source) => runCounts(stage, source, "different word"),
  },
  {
    name: "movies_by_genre",
    title: "Count the films by genre",
    via: () => `${PROGRAM} run examples/movies_by_genre.ts`,
    source: { file: "movies_by_genre.ts" },
    play: (stage, source) => runCounts(stage, source, "genre"),
  },
  {
    name: "rating_by_director",
    title: "Average the rating by director",
    via: () => `${PROGRAM} run examples/rating_by_director.ts`,
    source: { file: "rating_by_director.ts" },
    async play(stage, source) {
      const { results, ms } = await runScript(stage, source);
      const rows = z.array(DirectorRating).parse(results);
      return {
        summary: `${formatCount(rows.length, "director")} with five films or more`,
        picture: { kind: "table", rows: rows.slice(0, SHOWN) },
        ms,
      };
    },
  },
  {
    name: "invoke",
    title: "Deploy a library and invoke one of its exports over HTTP",
    via: ({ client }) =>
      `curl ${client.origin}/invoke/${DEMO_LIBRARY}/greet -d '{"name":"Ishmael"}'`,
    source: { file: LIBRARY_FILE, part: /^export async function greet[^]*?^}$/m },
    play: deployAndInvoke,
  },
  {
    name: "resp",
    title: "Send a script over the Redis protocol",
    via: ({ respAddress }) =>
      `redis-cli -p ${respAddress.split(":").at(-1)} RG.TSEXECUTE '…the script below…'`,
    source: { text: KINDS_OF_KEYS },
    async play({ resp }, source) {
      const { answer, ms } = await measure(() => resp.call("RG.TSEXECUTE", source));
      const [results] = z.tuple([z.array(z.string()), z.array(z.string())]).parse(answer);
      const rows = results.map((text) => KeyCount.parse(JSON.parse(text)));
      return {
        summary: formatCount(rows.length, "kind") + " of keys",
        picture: { kind: "table", rows },
        ms,
      };
    },
  },
  {
    name: "register",
    title: "Have a function run for each message of a stream: films by decade, as they come in",
    via: ({ respAddress }) =>
      `redis-cli -p ${
        respAddress.split(":").at(-1)
      } RG.TSEXECUTE '…below…', then XADD premieres, ` +
      "then RG.TRIGGER premieres",
    source: { text: PREMIERES_TEXT },
    play: followPremieres,
  },
  {
    name: "delete_by_prefix",
    title: "Delete Moby-Dick again, by prefix",
    via: ({ client }) => `curl ${client.origin}/v1/run --data-binary '…the script below…'`,
    source: { text: DELETE_TEXT },
    async play(stage, source) {
      const before = await stage.store.countKeys();
      const { results: [deleted], ms } = await runScript(stage, source);
      const after = await stage.store.countKeys();
      return {
        summary: `${formatCount(Number(deleted), "key")} deleted`,
        picture: {
          kind: "table",
          rows: [{ keys: "before", count: before }, { keys: "after", count: after }],
        },
        ms,
      };
    },
  },
];

/** The text of the scene's function. */
export async function readSource({ source }: Scene): Promise<string> {
  if ("text" in source) return source.text;
  return await Deno.readTextFile(new URL(source.file, EXAMPLES));
}

/** Runs a script that gives `{ key, value }`; the largest counts become bars. */
async function runCounts(stage: Stage, source: string, noun: string): Promise<SceneOutcome> {
  const { results, ms } = await runScript(stage, source);
  const counts = z.array(KeyCount).parse(results).toSorted((a, b) => b.value - a.value);
  return {
    summary: formatCount(counts.length, noun),
    picture: {
      kind: "bars",
      bars: counts.slice(0, SHOWN).map(({ key, value }) => ({ label: key, value })),
    },
    ms,
  };
}

async function runScript(
  { client, signal }: Stage,
  source: string,
): Promise<{ results: readonly unknown[]; ms: number }> {
  const body = { text: source, type: "application/typescript" };
  const { answer, ms } = await measure(() =>
    client.get(RunAnswer, "/v1/run", { method: "POST", body, signal })
  );
  const [error] = answer.errors;
  if (error !== undefined) throw new PinionError("FUNCTION_FAILED", error);
  return { results: answer.results, ms };
}

async function deployAndInvoke({ client, signal }: Stage): Promise<SceneOutcome> {
  const { source, sourceMap } = await bundleFile(
    fileURLToPath(new URL(LIBRARY_FILE, EXAMPLES)),
    { signal },
  );
  await client.get(LibrarySummary, `/v1/libraries/${DEMO_LIBRARY}`, {
    method: "PUT",
    json: { source, sourceMap, manifest: { env: { GREETING: "Call me" } }, upgrade: true },
    signal,
  });
  const { answer, ms } = await measure(() =>
    client.get(Greeting, `/invoke/${DEMO_LIBRARY}/greet`, {
      method: "POST",
      json: { name: "Ishmael" },
      signal,
    })
  );
  return {
    summary: "deployed and invoked",
    picture: { kind: "text", text: JSON.stringify(answer) },
    ms,
  };
}

async function measure<T>(call: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const startedAt = performance.now();
  const answer = await call();
  return { answer, ms: performance.now() - startedAt };
}
