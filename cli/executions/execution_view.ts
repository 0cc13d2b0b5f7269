/**
 * One execution as `executions show` prints it.
 *
 * @module
 */

import type { z } from "zod";
import type { ExecutionInfo as ExecutionInfoSchema } from "../../contract/api/schemas.ts";
import { formatDuration, formatNumber, formatTime } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import type { Style } from "../ui/style.ts";
import { printLogLine } from "../ui/log_line.ts";

type ExecutionInfo = z.infer<typeof ExecutionInfoSchema>;

/** How a status is coloured; others stay as they are. */
export const STATUS_COLORS: Readonly<Record<string, (text: string, style: Style) => string>> = {
  running: (text, style) => style.cyan(text),
  done: (text, style) => style.green(text),
  aborted: (text, style) => style.red(text),
};

/** Prints what is known of it: a line of fields, then each shard's steps, then its log. */
export function showExecution(info: ExecutionInfo, output: Output): void {
  const { style } = output;
  const status = STATUS_COLORS[info.status]?.(info.status, style) ?? info.status;
  const fields = [
    ["execution", info.executionId],
    ["status", status],
    ["session", info.session],
    ["begun", formatTime(info.createdAt)],
    ["plan", info.fingerprint.slice(0, 12)],
    ["aborted", info.abortReason?.message],
  ];
  for (const [name, value] of fields) {
    if (value !== undefined) {
      output.print(
        output.interactive ? `${style.cyan(name!.padEnd(10))} ${value}` : `${name}\t${value}`,
      );
    }
  }
  for (const shard of info.shards) showShard(shard, output);
  for (const line of info.logs) printLogLine(line, output);
}

function showShard(shard: ExecutionInfo["shards"][number], output: Output): void {
  if (output.interactive) {
    output.print();
    output.print(
      `shard ${shard.shardId.slice(0, 8)}: ${formatNumber(shard.recordsRead)} read in ${
        formatDuration(shard.readDurationMs)
      }, ${formatDuration(shard.totalDurationMs)} in all`,
    );
  }
  output.printTable([
    { title: "step", value: (step) => step.type },
    { title: "callback", value: (step) => step.name === step.type ? "" : step.name },
    { title: "in", value: (step) => formatNumber(step.recordsIn), align: "right" },
    { title: "out", value: (step) => formatNumber(step.recordsOut), align: "right" },
    { title: "time", value: (step) => formatDuration(step.durationMs), align: "right" },
  ], shard.steps);
  for (const error of shard.errors) output.print(output.style.red(error));
}
