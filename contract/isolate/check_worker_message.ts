/**
 * Checks what the sandbox's worker posts to its host thread, by hand: zod stays out of the child,
 * and all that a session says and asks of Redis goes through here.
 *
 * It accepts what the schema in `worker_border.ts` accepts; extra fields are let pass, since nobody
 * reads them.
 *
 * @module
 */

import type { ReadRequest, ToHostThread } from "./worker_border.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A check for each type of message; a type that has none does not compile. */
const CHECKS: Readonly<Record<ToHostThread["type"], (fields: Fields) => boolean>> = {
  booted: () => true,
  ready: () => true,
  broken: () => true,
  up: ({ bytes }) => areBytes(bytes),
  commands: ({ link, generation, bytes }) =>
    isNumber(link) && isNumber(generation) && areBytes(bytes),
  open: ({ id, request }) => isNumber(id) && isRequest(request),
  readKeys: ({ id, keys, count, readValue }) =>
    isNumber(id) && areBytes(keys) && keys.buffer instanceof ArrayBuffer && isNumber(count) &&
    typeof readValue === "boolean",
  credit: ({ id }) => isNumber(id),
  close: ({ id }) => isNumber(id),
};

const CHECK_BY_TYPE: ReadonlyMap<unknown, (fields: Fields) => boolean> = new Map(
  Object.entries(CHECKS),
);

/** The message that a worker posted. @throws TypeError where it cannot be one */
export function checkWorkerMessage(message: unknown): ToHostThread {
  if (isToHostThread(message)) return message;
  throw new TypeError("expected a message of the sandbox");
}

function isToHostThread(message: unknown): message is ToHostThread {
  return isObject(message) && CHECK_BY_TYPE.get(message.type)?.(message) === true;
}

function isRequest(request: unknown): request is ReadRequest {
  if (!isObject(request)) return false;
  return request.kind === "keys" ? isKeysRequest(request) : isStreamRequest(request);
}

function isKeysRequest(
  { pattern, count, noScan, readValue, emptyRecord, slots }: Fields,
): boolean {
  return typeof pattern === "string" && isNumber(count) && count >= 1 &&
    [noScan, readValue, emptyRecord].every((flag) => typeof flag === "boolean") &&
    (slots === undefined || Array.isArray(slots) && slots.every(isRange));
}

function isStreamRequest({ kind, key, fromId }: Fields): boolean {
  return kind === "stream" && typeof key === "string" && typeof fromId === "string";
}

function isRange(range: unknown): boolean {
  return Array.isArray(range) && range.length === 2 && range.every(isNumber);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function areBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
