/**
 * Ids of messages: `<ms>-<seq>`, 64 bits each.
 *
 * @module
 */

const MAX_SEQUENCE = 2n ** 64n - 1n;

/** Less than 0 where `a` comes before `b`. Both are whole ids. */
export function compareIds(a: string, b: string): number {
  const [aMs, aSeq] = parse(a);
  const [bMs, bSeq] = parse(b);
  if (aMs !== bMs) return aMs < bMs ? -1 : 1;
  return aSeq === bSeq ? 0 : aSeq < bSeq ? -1 : 1;
}

/** The first id that comes after `id`. */
export function idAfter(id: string): string {
  const [ms, seq] = parse(id);
  return seq === MAX_SEQUENCE ? `${ms + 1n}-0` : `${ms}-${seq + 1n}`;
}

/** The last id that comes before `id`; `0-0` has none before it and is answered itself. */
export function idBefore(id: string): string {
  const [ms, seq] = parse(id);
  if (seq > 0n) return `${ms}-${seq - 1n}`;
  return ms === 0n ? "0-0" : `${ms - 1n}-${MAX_SEQUENCE}`;
}

function parse(id: string): [ms: bigint, seq: bigint] {
  const [ms, seq = "0"] = id.split("-");
  return [BigInt(ms), BigInt(seq)];
}
