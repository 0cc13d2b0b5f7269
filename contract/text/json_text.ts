/**
 * Results as JSON text: the one conversion that the RESP and the HTTP adapter share.
 *
 * Results are structured-cloneable values, of which JSON knows only some. What it lacks is shown by
 * the nearest thing it has:
 *
 * | value | JSON |
 * |---|---|
 * | bigint | number where it is a safe integer, else text |
 * | Map | object where all keys are strings, else an array of `[key, value]` |
 * | Set | array |
 * | Date | ISO 8601 text; null where it is no date |
 * | Uint8Array, ArrayBuffer | `{ "base64": "…" }` |
 * | other typed array | array of numbers |
 * | NaN, Infinity, undefined in an array, undefined itself | null |
 * | Error | `{ "name", "message" }` |
 * | value that contains itself or nests too deep | text that says so |
 *
 * @module
 */

/**
 * A value as JSON text.
 *
 * @example
 * ```ts
 * import { toJsonText } from "./json_text.ts";
 *
 * toJsonText(new Map([["a", 1n]])); // {"a":1}
 * ```
 */
export function toJsonText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  try {
    return JSON.stringify(value, replaceValue) ?? "null";
  } catch (error) {
    return JSON.stringify(
      error instanceof RangeError
        ? "[nests too deep or is too long for JSON]"
        : "[contains itself, which JSON cannot show]",
    );
  }
}

/** A value as JSON in UTF-8. */
export function toJsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(toJsonText(value));
}

const encoder = new TextEncoder();

function replaceValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return showBigint(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Map) return showMap(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Uint8Array) return { base64: value.toBase64() };
  if (value instanceof ArrayBuffer) return { base64: new Uint8Array(value).toBase64() };
  if (ArrayBuffer.isView(value)) return showView(value);
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value;
}

function showBigint(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function showMap(map: ReadonlyMap<unknown, unknown>): unknown {
  const entries = [...map];
  return entries.every(([key]) => typeof key === "string")
    ? Object.fromEntries(entries as [string, unknown][])
    : entries;
}

function showView(view: ArrayBufferView): unknown {
  return view instanceof DataView
    ? { base64: new Uint8Array(view.buffer, view.byteOffset, view.byteLength).toBase64() }
    : Array.from(view as unknown as Iterable<unknown>);
}
