/**
 * Registrations on the screen.
 *
 * @module
 */

import { TASK } from "../../contract/text/program_name.ts";
import { writeOutControls } from "../../contract/text/harmless_text.ts";
import { formatCount, formatDuration, formatNumber } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import type { Style } from "../ui/style.ts";
import { type Column, renderTable } from "../ui/text_table.ts";
import type { ClusterRegistration, FoundRegistrations } from "./all_shards.ts";

type Row = ClusterRegistration & { readonly perSecond: number | null };

const COLUMNS: readonly Column<Row>[] = [
  { title: "registration", value: nameOf, color: (text, style) => style.cyan(text) },
  { title: "fires", value: firesOn },
  { title: "status", value: statusOf, color: (text, style, row) => colorOf(row, style)(text) },
  {
    title: "rate",
    value: ({ perSecond }) => perSecond === null ? "" : `${formatNumber(Math.round(perSecond))}/s`,
    align: "right",
  },
  { title: "runs", value: ({ numTriggered }) => formatNumber(numTriggered), align: "right" },
  {
    title: "failed",
    value: ({ numFailures }) => formatNumber(numFailures),
    align: "right",
    color: (text, style, { numFailures }) => numFailures > 0 ? style.red(text) : text,
  },
  {
    title: "skipped",
    value: ({ numSkipped }) => numSkipped === 0 ? "" : formatNumber(numSkipped),
    align: "right",
  },
  {
    title: "waiting",
    value: ({ backlog }) => backlog === null ? "" : formatNumber(backlog),
    align: "right",
  },
  {
    title: "lag",
    value: (row) => row.numTriggered === 0 ? "" : formatDuration(row.lastEstimatedLagMs),
    align: "right",
  },
  { title: "last error", value: ({ lastError }) => lastError ?? "" },
];

/** Characters that break a line. */
const BREAKS = /[\t\n]+/g;

/** Names a registration as `registrations …` takes it: `LIBRARY/NAME`. */
export function nameOf({ library, name }: ClusterRegistration): string {
  return `${library}/${name}`;
}

/** Properties of a screen. */
export type Screen = Pick<Output, "interactive" | "columns" | "style"> & {
  /** Lines that there is room for. Default: any number. */
  readonly rows?: number;
};

/** Terminals with fewer columns have no room for what it fires on, beside the name. */
const WIDE_COLUMNS = 110;
/** Lines of a table besides its rows, and the one where the cursor stands. */
const TABLE_FRAME = 5;
/** Notes that are shown where there is not room for all. */
const FEW_NOTES = 4;

/**
 * A table of them. On a terminal errors and reasons follow it, each in a line; where there are more
 * than fit, those come first that need a look, then those that run most.
 *
 * @param before What was found the last time, for rates.
 */
export function renderRegistrations(
  found: FoundRegistrations,
  before: FoundRegistrations | undefined,
  screen: Screen,
): string[] {
  const rows = withRates(found, before);
  if (!screen.interactive) return renderTable(COLUMNS, rows, screen);
  if (rows.length === 0) {
    return [
      `There are none. Try \`${TASK} deploy examples/audit_chain.ts\``,
      ...silenceOf(found, screen),
    ];
  }
  const { rows: height = Infinity } = screen;
  const silence = silenceOf(found, screen);
  const notes = rows.flatMap((row) => notesOf(row, screen));
  const room = height - TABLE_FRAME - silence.length;
  const isTight = rows.length + notes.length > room;
  const most = Math.max(1, isTight ? room - Math.min(notes.length, FEW_NOTES) - 1 : rows.length);
  const shown = rows.length > most ? byUrgency(rows).slice(0, most) : rows;
  const left = rows.length - shown.length;
  return [
    ...renderTable(columnsFor(rows, screen), shown, screen),
    ...(left > 0 ? [screen.style.dim(`… and ${formatCount(left, "registration")} more`)] : []),
    ...notes.slice(0, isTight ? Math.max(FEW_NOTES, room - shown.length - 1) : notes.length),
    ...silence,
  ];
}

/** Columns that a person needs, as far as there is room. */
function columnsFor(rows: readonly Row[], { columns }: Screen): readonly Column<Row>[] {
  const unwanted = new Set(["last error"]);
  if (columns < WIDE_COLUMNS) unwanted.add("fires");
  if (rows.every(({ numFailures }) => numFailures === 0)) unwanted.add("failed");
  return COLUMNS.filter(({ title }) => !unwanted.has(title));
}

/** Reason why it does not run, or what failed. */
function notesOf(row: Row, { columns, style }: Screen): string[] {
  const text = row.reason ?? row.lastError;
  if (text === undefined || text === null) return [];
  const line = writeOutControls(`${nameOf(row)}: ${text}`.replaceAll(BREAKS, " "));
  const short = line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
  return [row.reason === undefined ? style.red(short) : style.yellow(short)];
}

function silenceOf({ silent }: FoundRegistrations, { style }: Screen): string[] {
  if (silent.length === 0) return [];
  const count = formatCount(silent.length, "shard");
  return [style.yellow(`Without the figures of ${count} whose runtime is silent.`)];
}

function byUrgency(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) =>
    Number(a.status === "OK") - Number(b.status === "OK") ||
    (b.perSecond ?? 0) - (a.perSecond ?? 0)
  );
}

/** All that is known of one, a line each. */
export function showRegistration(row: ClusterRegistration, output: Output): void {
  const { failure } = row;
  const figures: [string, string | number | undefined][] = [
    ["id", row.id],
    ["description", row.description],
    ["fires", firesOn(row)],
    ["mode", row.mode],
    ["source", row.source],
    ["status", statusOf(row)],
    ["reason", row.reason],
    ["on failure", failure.policy],
    ["attempts", failure.policy === "retry" ? failure.attempts || "without end" : undefined],
    [
      "dead letters",
      failure.deadLetters === 0
        ? undefined
        : `the latest ${formatNumber(failure.deadLetters)} are kept`,
    ],
    ["shards", row.shards],
    ["runs", formatNumber(row.numTriggered)],
    ["succeeded", formatNumber(row.numSuccess)],
    ["failed", formatNumber(row.numFailures)],
    ["aborted", formatNumber(row.numAborted)],
    ["skipped", formatNumber(row.numSkipped)],
    ["waiting", row.backlog === null ? undefined : formatNumber(row.backlog)],
    ["run time", `${formatDuration(row.avgRunDurationMs)} on average`],
    ["lag", `${formatDuration(row.avgEstimatedLagMs)} on average`],
    ["last error", row.lastError ?? undefined],
  ];
  output.printTable([
    { title: "", value: ([name]) => name, color: (text, style) => style.cyan(text) },
    { title: nameOf(row), value: ([, value]) => value },
  ], figures.filter(([, value]) => value !== undefined));
}

/**
 * Rates need two looks at the same shards; a figure that fell was cleared, or its runtime started
 * again.
 */
function withRates(found: FoundRegistrations, before: FoundRegistrations | undefined): Row[] {
  const isComparable = before !== undefined && before.silent.join() === found.silent.join();
  const earlier = new Map(before?.registrations.map((one) => [one.id, one.numTriggered]));
  return found.registrations.map((one) => {
    const runs = earlier.get(one.id);
    const perSecond = !isComparable || runs === undefined || runs > one.numTriggered
      ? null
      : (one.numTriggered - runs) * 1000 / (found.at - before.at);
    return { ...one, perSecond };
  });
}

function firesOn({ trigger }: ClusterRegistration): string {
  switch (trigger.reader) {
    case "KeysReader":
      return `keys ${trigger.prefix}${
        trigger.eventTypes ? ` ${trigger.eventTypes.join(" ")}` : ""
      }`;
    case "StreamReader":
      return `streams ${trigger.prefix}${trigger.batch > 1 ? ` by ${trigger.batch}` : ""}`;
    case "CommandReader":
      return `RG.TRIGGER ${trigger.trigger}`;
    case "TimeReader":
      return trigger.cron === null
        ? `every ${formatDuration(trigger.everyMs ?? 0)}`
        : `${trigger.cron} ${trigger.timeZone ?? "UTC"}`;
    default:
      return trigger satisfies never;
  }
}

function statusOf({ status }: ClusterRegistration): string {
  return status === "WAITING_FOR_RETRY_ON_FAILURE" ? "waits to retry" : status.toLowerCase();
}

function colorOf({ status }: ClusterRegistration, style: Style): (text: string) => string {
  if (status === "OK") return style.green;
  return status === "ABORTED" ? style.red : style.yellow;
}
