/**
 * Puts an {@linkcode OutsideReads} between a script's top level and the globals by which it reads
 * the clock and random numbers.
 *
 * @module
 */

import type { OutsideReads } from "../../top_level/outside_source.ts";

/** A property that is replaced for a while. */
interface Replaced {
  readonly target: object;
  readonly name: string;
  readonly before: PropertyDescriptor;
  /** The value or the getter that stands there meanwhile. */
  readonly value: unknown;
}

type Reads = <T>(what: string, live: () => T) => T;

const RealDate = Date;
const RealBytes = Uint8Array;
const { now } = Date;
const { random } = Math;
const { getRandomValues, randomUUID } = Crypto.prototype;
const { generateKey } = SubtleCrypto.prototype;
const performanceNow = Performance.prototype.now;
const { construct, apply } = Reflect;
const { defineProperty, getOwnPropertyDescriptor } = Object;

/** Begins; the function that it gives puts everything back that nobody else has replaced since. */
export function watchGlobals(source: OutsideReads): () => void {
  const read: Reads = (what, live) => source.read(what, live);
  const replaced = [
    ...replaceDate(read),
    replace(Math, "random", () => read("Math.random", random)),
    replace(Performance.prototype, "now", function (this: Performance) {
      return read("performance.now", () => apply(performanceNow, this, []));
    }),
    replaceGetter(
      Performance.prototype,
      "timeOrigin",
      (live) => read("performance.timeOrigin", live),
    ),
    replace(Crypto.prototype, "randomUUID", function (this: Crypto) {
      return read("crypto.randomUUID", () => apply(randomUUID, this, []));
    }),
    replace(Crypto.prototype, "getRandomValues", function (this: Crypto, array: ArrayBufferView) {
      return fillRandom(this, array, read);
    }),
    replace(SubtleCrypto.prototype, "generateKey", function (this: SubtleCrypto, ...args: never[]) {
      source.spoil("crypto.subtle.generateKey");
      return apply(generateKey, this, args);
    }),
    ...replaceTemporal(read),
  ];
  return () => {
    for (const { target, name, before, value } of replaced) {
      const now = getOwnPropertyDescriptor(target, name);
      if (now?.value === value || now?.get === value) defineProperty(target, name, before);
    }
  };
}

function replace(target: object, name: string, value: unknown): Replaced {
  const before = getOwnPropertyDescriptor(target, name)!;
  const { enumerable } = before;
  defineProperty(target, name, { value, writable: true, enumerable, configurable: true });
  return { target, name, before, value };
}

/** @param get Gets the value, given what gets the real one. */
function replaceGetter(
  target: object,
  name: string,
  get: (live: () => unknown) => unknown,
): Replaced {
  const before = getOwnPropertyDescriptor(target, name)!;
  function value(this: unknown): unknown {
    return get(() => apply(before.get!, this, []));
  }
  defineProperty(target, name, { ...before, get: value });
  return { target, name, before, value };
}

function replaceDate(read: Reads): Replaced[] {
  const readNow = () => read("Date.now", now);
  const WatchedDate: DateConstructor = new Proxy(RealDate, {
    apply: () => new RealDate(readNow()).toString(),
    construct: (target, args, newTarget) =>
      construct(
        target,
        args.length === 0 ? [readNow()] : args,
        newTarget === WatchedDate ? target : newTarget,
      ),
  });
  return [
    replace(globalThis, "Date", WatchedDate),
    replace(RealDate, "now", readNow),
    replace(RealDate.prototype, "constructor", WatchedDate),
  ];
}

/** Fills `array` with the bytes that were read, as `crypto.getRandomValues` does. */
function fillRandom(crypto: Crypto, array: ArrayBufferView, read: Reads): ArrayBufferView {
  const length = array?.byteLength;
  const bytes = read(`crypto.getRandomValues of ${length} bytes`, () => {
    apply(getRandomValues, crypto, [array]);
    return new RealBytes(array.buffer, array.byteOffset, length).slice();
  });
  new RealBytes(array.buffer, array.byteOffset, length).set(bytes);
  return array;
}

/** `Temporal.Now` gives times by one clock, which is read as text: nanoseconds are many. */
function replaceTemporal(read: Reads): Replaced[] {
  if (typeof Temporal === "undefined") return [];
  const { Now, Instant } = Temporal;
  const { instant, timeZoneId } = Now;
  const readInstant = () =>
    new Instant(BigInt(read("Temporal.Now", () => `${instant().epochNanoseconds}`)));
  const readZoned = (zone: Parameters<typeof Now.zonedDateTimeISO>[0] = timeZoneId()) =>
    readInstant().toZonedDateTimeISO(zone);
  return [
    replace(Now, "instant", readInstant),
    replace(Now, "zonedDateTimeISO", readZoned),
    replace(Now, "plainDateTimeISO", (...zone: []) => readZoned(...zone).toPlainDateTime()),
    replace(Now, "plainDateISO", (...zone: []) => readZoned(...zone).toPlainDate()),
    replace(Now, "plainTimeISO", (...zone: []) => readZoned(...zone).toPlainTime()),
  ];
}
