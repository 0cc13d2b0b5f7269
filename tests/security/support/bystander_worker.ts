/**
 * The thread of a {@linkcode Bystander}: it sends requests and PINGs at fixed times whatever
 * becomes of the ones before, so that a pause of the runtime shows in the figures as long as it is.
 *
 * @module
 */

import { RedisLink } from "../../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";

/** What the thread is told. */
export type ToBystander =
  | {
    readonly type: "start";
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly redis: RedisAddress;
  }
  | { readonly type: "report" };

/** What became of the requests and PINGs since the last report. */
export interface BystanderReport {
  readonly requests: number;
  /** What was wrong with those that did not get their answer. */
  readonly lost: readonly string[];
  readonly p99Ms: number;
  readonly maxPingMs: number;
}

/** 40 requests and 50 PINGs a second. */
const REQUEST_EVERY_MS = 25;
const PING_EVERY_MS = 20;
/** A request that takes longer is lost. */
const REQUEST_TIMEOUT_MS = 5_000;
const PING = new TextEncoder().encode("*1\r\n$4\r\nPING\r\n");

type Start = Extract<ToBystander, { type: "start" }>;

interface WorkerScope {
  onmessage: (event: MessageEvent<ToBystander>) => void;
  postMessage(report: BystanderReport): void;
}

const scope = globalThis as unknown as WorkerScope;
/** So that a pause of the runtime leaves no connections behind. */
const client = Deno.createHttpClient({ poolMaxIdlePerHost: 1 });
const underWay = new Set<Promise<void>>();
let latencies: number[] = [];
let lost: string[] = [];
let maxPingMs = 0;

scope.onmessage = async ({ data }) => {
  if (data.type === "start") await start(data);
  else await Promise.all(underWay);
  scope.postMessage(takeReport());
};

async function start({ url, headers, redis }: Start): Promise<void> {
  const link = await RedisLink.connect(redis, { name: "bystander" });
  const request = () => greet(url, headers);
  await request();
  setInterval(() => track(measure(request)), REQUEST_EVERY_MS);
  setInterval(() => track(measurePing(link)), PING_EVERY_MS);
}

function track(work: Promise<void>): void {
  const tracked = work.finally(() => underWay.delete(tracked));
  underWay.add(tracked);
}

async function measure(request: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  try {
    await request();
  } catch (error) {
    lost.push(String(error));
  }
  latencies.push(performance.now() - startedAt);
}

/** @throws what is wrong with the answer */
async function greet(url: string, headers: Start["headers"]): Promise<void> {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const body = '{"name":"Ada"}';
  const response = await fetch(url, { method: "POST", headers, body, signal, client });
  const text = await response.text();
  if (response.status === 200 && /^\{"text":"Hello Ada","visits":\d+\}$/.test(text)) return;
  throw new Error(`${response.status} ${text}`);
}

async function measurePing(link: RedisLink): Promise<void> {
  const startedAt = performance.now();
  await link.request(PING, 1);
  maxPingMs = Math.max(maxPingMs, performance.now() - startedAt);
}

function takeReport(): BystanderReport {
  const sorted = latencies.toSorted((a, b) => a - b);
  const p99Ms = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
  const report = { requests: sorted.length, lost, p99Ms, maxPingMs };
  latencies = [];
  lost = [];
  maxPingMs = 0;
  return report;
}
