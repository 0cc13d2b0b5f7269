/**
 * What the adapter counts of itself, and `/metrics` in the text format of Prometheus.
 *
 * Source: Prometheus exposition format 0.0.4.
 *
 * @module
 */

import type { Metric } from "../../engine/engine.ts";

/** Upper bounds of the histogram of latencies, in seconds. */
const BUCKETS_S = [
  0.0001,
  0.00025,
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
] as const;

/** Figures of one route. */
interface RouteFigures {
  /** By status code. */
  readonly statuses: Map<number, number>;
  /** Requests per bucket; the last one is for all that took longer. */
  readonly buckets: Float64Array;
  sumS: number;
}

/** Counters of all routes since the start. */
export class HttpMetrics {
  readonly #routes = new Map<string, RouteFigures>();

  /** Counts one request. @param route The route's pattern, such as `/v1/run`. */
  observe(route: string, status: number, elapsedMs: number): void {
    let figures = this.#routes.get(route);
    if (figures === undefined) {
      const buckets = new Float64Array(BUCKETS_S.length + 1);
      this.#routes.set(route, figures = { statuses: new Map(), buckets, sumS: 0 });
    }
    const elapsedS = elapsedMs / 1000;
    let bucket = 0;
    while (bucket < BUCKETS_S.length && elapsedS > BUCKETS_S[bucket]) bucket++;
    figures.buckets[bucket]++;
    figures.sumS += elapsedS;
    figures.statuses.set(status, (figures.statuses.get(status) ?? 0) + 1);
  }

  /** The engine's figures and our own. */
  render(engine: readonly Metric[]): string {
    const lines = engine.flatMap((metric) => renderMetric(metric));
    lines.push(
      "# HELP pinion_http_requests_total HTTP requests by route and status",
      "# TYPE pinion_http_requests_total counter",
    );
    for (const [route, { statuses }] of this.#routes) {
      for (const [status, count] of statuses) {
        lines.push(sample("http_requests_total", { route, status: String(status) }, count));
      }
    }
    lines.push(
      "# HELP pinion_http_request_duration_seconds Time until the reply began",
      "# TYPE pinion_http_request_duration_seconds histogram",
    );
    for (const [route, figures] of this.#routes) lines.push(...renderHistogram(route, figures));
    return lines.join("\n") + "\n";
  }
}

function renderMetric({ name, help, type, samples }: Metric): string[] {
  return [
    `# HELP pinion_${name} ${help}`,
    `# TYPE pinion_${name} ${type}`,
    ...samples.map(({ labels, value }) => sample(name, labels ?? {}, value)),
  ];
}

function renderHistogram(route: string, { buckets, sumS }: RouteFigures): string[] {
  const name = "http_request_duration_seconds";
  let count = 0;
  const lines = [...BUCKETS_S, Infinity].map((bound, index) => {
    count += buckets[index];
    return sample(`${name}_bucket`, { route, le: showNumber(bound) }, count);
  });
  return [
    ...lines,
    sample(`${name}_sum`, { route }, sumS),
    sample(`${name}_count`, { route }, count),
  ];
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  const shown = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `pinion_${name}${shown} ${showNumber(value)}`;
}

function showNumber(value: number): string {
  return value === Infinity ? "+Inf" : String(value);
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
