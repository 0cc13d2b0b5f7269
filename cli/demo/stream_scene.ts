/**
 * The scene of events: a registered function counts the films by decade while they come in over a
 * stream, and a trigger tells how far it is.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { delay } from "@std/async";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { formatNumber } from "../ui/format.ts";
import type { SceneOutcome, Stage } from "./scene.ts";

/** A name of its own: with `--redis` there may be libraries of the user. */
export const PREMIERES_LIBRARY = "pinion_demo_events";

/** The function, and a trigger that reads what it has counted. */
export const PREMIERES_TEXT = `GB("StreamReader")
  .forEach(({ value }) => execute("ZINCRBY", "premieres:decades", 1, value.decade))
  .register({ prefix: "premieres" });

GB("CommandReader")
  .map(() => execute("ZRANGE", "premieres:decades", 0, -1, "WITHSCORES"))
  .register({ trigger: "premieres", mode: "async_local", convertToStr: false });`;

/** Adds films to the stream; gives how many. The data has some of the 1920s as of the 2020s. */
const SEND_TEXT = `GB()
  .filter(({ value }) => value.released?.slice(-4) < "2020")
  .forEach(({ value: { released } }) =>
    execute("XADD", "premieres", "*", "decade", released.slice(-4, -1) + "0s"))
  .count()
  .run("movie:*")`;

/** Time for all of them to be counted, in milliseconds. */
const PATIENCE_MS = 30_000;
/** Time between two looks. */
const LOOK_MS = 10;

const Sent = z.tuple([z.tuple([z.string().transform(Number)]), z.array(z.string()).length(0)]);
const Counted = z.tuple([z.array(z.string())]);

/** Registers, sends, and looks until every message is counted. */
export async function followPremieres(
  { resp, signal }: Stage,
  source: string,
): Promise<SceneOutcome> {
  await resp.call("RG.TSEXECUTE", source, "ID", PREMIERES_LIBRARY, "UPGRADE");
  const startedAt = performance.now();
  const [[sent]] = Sent.parse(await resp.call("RG.TSEXECUTE", SEND_TEXT));
  const decades = await untilCounted(resp, sent, signal);
  const ms = performance.now() - startedAt;
  const bars = [...decades].map(([label, value]) => ({ label, value }))
    .toSorted((a, b) => a.label.localeCompare(b.label));
  const rate = formatNumber(Math.round(sent * 1000 / ms));
  return {
    summary: `${formatNumber(sent)} messages sent and counted one by one, ${rate} a second`,
    picture: { kind: "bars", bars },
    ms,
  };
}

/** @throws `LIMIT_TIME` where they are not all counted in time */
async function untilCounted(
  resp: Stage["resp"],
  sent: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const endsAt = performance.now() + PATIENCE_MS;
  while (true) {
    signal.throwIfAborted();
    const [words] = Counted.parse(await resp.call("RG.TRIGGER", "premieres"));
    const decades = new Map<string, number>();
    for (let at = 0; at < words.length; at += 2) decades.set(words[at], Number(words[at + 1]));
    const counted = decades.values().reduce((sum, count) => sum + count, 0);
    if (counted >= sent) return decades;
    if (performance.now() > endsAt) {
      throw new PinionError(
        "LIMIT_TIME",
        `Of ${sent} messages ${counted} were counted within ${PATIENCE_MS} ms; ` +
          `\`${PROGRAM} registrations\` says why`,
      );
    }
    await delay(LOOK_MS, { signal });
  }
}
