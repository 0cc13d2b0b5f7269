/**
 * Registrations on the screen.
 *
 * @module
 */

import { formatCount, formatDuration, formatNumber } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import type { Style } from "../ui/style.ts";
import { type Column, renderTable } from "../ui/table.ts";
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

/** What `registrations …` takes for it: `LIBRARY/NAME`. */
export function nameOf({ library, name }: ClusterRegistration): string {
  return `${library}/${name}`;
}

/**
 * A table of them.
 *
 * @param before What was found the last time, for rates.
 */
export function renderRegistrations(
  found: FoundRegistrations,
  before: FoundRegistrations | undefined,
  output: Pick<Output, "interactive" | "columns" | "style">,
): string[] {
  const lines = renderTable(COLUMNS, withRates(found, before), output);
  if (!output.interactive) return lines;
  if (found.registrations.length === 0) {
    lines.splice(0, lines.length, "There are none. Try `deno task deploy examples/audit_chain.ts`");
  }
  for (const row of found.registrations) {
    if (row.reason !== undefined) lines.push(output.style.yellow(`${nameOf(row)}: ${row.reason}`));
  }
  if (found.silent.length > 0) {
    const count = formatCount(found.silent.length, "shard");
    lines.push(output.style.yellow(`Without the figures of ${count} whose runtime is silent.`));
  }
  return lines;
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
    ["dead letters", failure.deadLetters === 0 ? undefined : `${failure.deadLetters} are kept`],
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

/** Rates need two looks; a figure that fell was cleared, or its runtime started again. */
function withRates(found: FoundRegistrations, before: FoundRegistrations | undefined): Row[] {
  const earlier = new Map(before?.registrations.map((one) => [one.id, one.numTriggered]));
  return found.registrations.map((one) => {
    const runs = earlier.get(one.id);
    const perSecond = before === undefined || runs === undefined || runs > one.numTriggered
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
