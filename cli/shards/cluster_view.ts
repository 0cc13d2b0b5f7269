/**
 * The cluster on the screen: tables of shards, of their runtimes and of links.
 *
 * @module
 */

import type { ClusterStatus } from "../../contract/api/schemas.ts";
import { formatBytes, formatNumber } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import { type Column, renderTable } from "../ui/text_table.ts";

type Shard = ClusterStatus["shards"][number];
type Runtime = Shard["runtimes"][number];
type Link = NonNullable<Shard["links"]>[number];

/** A runtime of a shard; a shard without any has a row as well. */
interface RuntimeRow {
  readonly number: number;
  readonly runtime?: Runtime;
  readonly isThis: boolean;
}

/** A link, as the shard tells of it that sends. */
interface LinkRow {
  readonly from: number;
  readonly to: number;
  readonly link: Link;
}

const SHARD_COLUMNS: readonly Column<{ readonly number: number; readonly shard: Shard }>[] = [
  { title: "#", value: ({ number }) => number, align: "right" },
  { title: "shard", value: ({ shard }) => shard.id },
  { title: "redis", value: ({ shard }) => `${shard.ip}:${shard.port}` },
  { title: "replicas", value: ({ shard }) => shard.replicas.map(formatPlace).join(" ") },
  { title: "slots", value: ({ shard }) => shard.ranges.map(formatRange).join(" ") },
];

const RUNTIME_COLUMNS: readonly Column<RuntimeRow>[] = [
  { title: "#", value: ({ number }) => number, align: "right" },
  {
    title: "runtime",
    value: ({ runtime }) => runtime?.role ?? "none",
    color: (text, style, { runtime }) => {
      if (runtime === undefined) return style.red(text);
      return runtime.role === "acting" ? style.green(text) : style.yellow(text);
    },
  },
  { title: "lease", value: ({ runtime }) => formatMs(runtime?.leaseMs), align: "right" },
  { title: "epoch", value: ({ runtime }) => runtime?.epoch ?? "", align: "right" },
  { title: "resp", value: ({ runtime }) => runtime?.resp ?? "" },
  { title: "http", value: ({ runtime }) => runtime?.http ?? "" },
  { title: "mesh", value: ({ runtime }) => runtime?.mesh ?? "" },
  { title: "pid", value: ({ runtime }) => runtime?.pid ?? "", align: "right" },
  { title: "asked", value: ({ isThis }) => isThis ? "this one" : "" },
];

const LINK_COLUMNS: readonly Column<LinkRow>[] = [
  { title: "link", value: ({ from, to }) => `${from} → ${to}` },
  {
    title: "state",
    value: ({ link }) => link.isLinked ? "linked" : "broken",
    color: (text, style, { link }) => link.isLinked ? style.green(text) : style.red(text),
  },
  { title: "sent", value: ({ link }) => formatBytes(link.sentBytes), align: "right" },
  { title: "frames", value: ({ link }) => formatNumber(link.sentFrames), align: "right" },
  { title: "received", value: ({ link }) => formatBytes(link.receivedBytes), align: "right" },
  { title: "waiting", value: ({ link }) => formatNumber(link.unacknowledged), align: "right" },
  { title: "reconnects", value: ({ link }) => formatNumber(link.reconnects), align: "right" },
];

/** The lines that show it. In a pipe, too, shards come first, then runtimes, then links. */
export function renderCluster(
  { clustered, myRunId, shards }: ClusterStatus,
  output: Pick<Output, "interactive" | "columns" | "style">,
): string[] {
  const numbers = new Map(shards.map(({ id }, index) => [id, index]));
  const runtimes = shards.flatMap((shard, number): RuntimeRow[] =>
    shard.runtimes.length === 0
      ? [{ number, isThis: false }]
      : shard.runtimes.map((runtime) => ({ number, runtime, isThis: runtime.runId === myRunId }))
  );
  const links = shards.flatMap(({ links }, from): LinkRow[] =>
    (links ?? []).map((link) => ({ from, to: numbers.get(link.shardId) ?? -1, link }))
  ).filter(({ to }) => to >= 0);
  const lines = [
    ...renderTable(SHARD_COLUMNS, shards.map((shard, number) => ({ number, shard })), output),
    ...renderTable(RUNTIME_COLUMNS, runtimes, output),
  ];
  if (links.length > 0) lines.push(...renderTable(LINK_COLUMNS, links, output));
  if (!output.interactive) return lines;
  const silent = shards.flatMap((shard, number) =>
    clustered && shard.links === null ? [`${number}`] : []
  );
  if (!clustered) lines.push("One shard: no cluster mode.");
  if (silent.length > 0) {
    lines.push(output.style.yellow(`No word of the links of shard ${silent.join(", ")}.`));
  }
  return lines;
}

function formatPlace({ host, port }: Shard["replicas"][number]): string {
  return `${host}:${port}`;
}

function formatRange({ first, last }: Shard["ranges"][number]): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

function formatMs(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "" : `${formatNumber(ms)} ms`;
}
