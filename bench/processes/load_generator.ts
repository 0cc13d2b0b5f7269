/**
 * Sends the same HTTP request over and over, one at a time on each of many kept-alive connections,
 * and prints what came of it as one line of JSON. A process of its own, started by
 * `support/load_generator.ts`.
 *
 * It costs as little as it can: the first reply of a connection is parsed, the later ones have to
 * have its status and its length.
 *
 * @module
 */

import process from "node:process";
import { percentileOf } from "../harness/statistics.ts";

/** What to send, as JSON in the first argument. */
export interface LoadOrder {
  readonly hostname: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
}

/** What came of it. */
export interface LoadReport {
  readonly requests: number;
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the generator itself, in percent of one core. */
  readonly coreShare: number;
}

const BUFFER_BYTES = 16_384;
const OK = new TextEncoder().encode("HTTP/1.1 200 ");

/** Loads a server for a while. @throws Error for any reply but 200 */
async function generateLoad(order: LoadOrder): Promise<LoadReport> {
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const endsAt = started + order.seconds * 1_000;
  const connections = Array.from(
    { length: order.connections },
    () => driveConnection(order, endsAt, latencies),
  );
  await Promise.all(connections);
  const elapsedMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    requests: latencies.length,
    ratePerSecond: latencies.length / elapsedMs * 1_000,
    p50Ms: percentileOf(latencies, 0.5),
    p99Ms: percentileOf(latencies, 0.99),
    coreShare: (user + system) / 1_000 / elapsedMs * 100,
  };
}

async function driveConnection(
  { hostname, port, method, path }: LoadOrder,
  endsAt: number,
  latencies: number[],
): Promise<void> {
  using connection = await Deno.connect({ hostname, port });
  connection.setNoDelay(true);
  const request = new TextEncoder().encode(
    `${method} ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-length: 0\r\n\r\n`,
  );
  const buffer = new Uint8Array(BUFFER_BYTES);
  let replyBytes = 0;
  for (let now = performance.now(); now < endsAt;) {
    await connection.write(request);
    let received = await readSome(connection, buffer, 0);
    if (replyBytes === 0) {
      let length = findReplyLength(buffer.subarray(0, received));
      while (length === null || received < length) {
        received += await readSome(connection, buffer, received);
        length = findReplyLength(buffer.subarray(0, received));
      }
      replyBytes = length;
    }
    while (received < replyBytes) received += await readSome(connection, buffer, received);
    if (received > replyBytes || !isOk(buffer)) throw refuse(buffer.subarray(0, received));
    const sent = now;
    now = performance.now();
    latencies.push(now - sent);
  }
}

async function readSome(connection: Deno.Conn, buffer: Uint8Array, from: number): Promise<number> {
  const count = await connection.read(from === 0 ? buffer : buffer.subarray(from));
  if (count === null) throw new Error("The server closed the connection");
  return count;
}

/** Length of a reply, header and body; null while its header is not complete. */
function findReplyLength(bytes: Uint8Array): number | null {
  const text = new TextDecoder().decode(bytes);
  const bodyStart = text.indexOf("\r\n\r\n") + 4;
  if (bodyStart < 4) return null;
  const length = /^content-length: *(\d+)\r$/im.exec(text.slice(0, bodyStart))?.[1];
  if (length === undefined) throw refuse(bytes);
  return bodyStart + Number(length);
}

function isOk(bytes: Uint8Array): boolean {
  for (let at = 0; at < OK.length; at++) if (bytes[at] !== OK[at]) return false;
  return true;
}

function refuse(bytes: Uint8Array): Error {
  const text = new TextDecoder().decode(bytes);
  return new Error(`Expected status 200 and replies of one length, got:\n${text}`);
}

if (import.meta.main) console.log(JSON.stringify(await generateLoad(JSON.parse(Deno.args[0]))));
