/**
 * The globals that user code finds: what it has no use for is removed, what it prints is logged.
 *
 * This is convenience and a first line. What holds is the process around the sandbox.
 *
 * @module
 */

import type { LogLevel } from "../../../../sdk/host.ts";
import { limitCrypto } from "./crypto_gate.ts";

/** Ways to the process, to other threads, and to messages of the border. */
export const REMOVED: readonly string[] = [
  "Deno",
  "process",
  "Worker",
  "SharedWorker",
  "BroadcastChannel",
  "caches",
  "CacheStorage",
  "localStorage",
  "sessionStorage",
  "WebSocket",
  "WebSocketStream",
  "EventSource",
  "close",
  "postMessage",
  "onmessage",
  "onmessageerror",
  "importScripts",
  "alert",
  "confirm",
  "prompt",
];

/** `console.…` and the level of its lines. */
const CONSOLE_LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: "debug",
  log: "notice",
  info: "notice",
  count: "notice",
  dir: "notice",
  dirxml: "notice",
  group: "notice",
  groupCollapsed: "notice",
  table: "notice",
  trace: "notice",
  warn: "warning",
  error: "warning",
};
/** Methods that would print to the process, and have nothing to say in a log. */
const CONSOLE_SILENT = [
  "clear",
  "countReset",
  "groupEnd",
  "profile",
  "profileEnd",
  "time",
  "timeEnd",
  "timeLog",
  "timeStamp",
];

/** Removes globals and turns `console` into the log. */
export function prepareGlobals(log: (level: LogLevel, message: string) => void): void {
  const { inspect } = Deno;
  const format = (args: readonly unknown[]) =>
    args.map((arg) => typeof arg === "string" ? arg : inspect(arg, { colors: false })).join(" ");
  const define = (name: string, value: (...args: unknown[]) => void) =>
    Object.defineProperty(console, name, { value, writable: true, configurable: true });
  for (const [name, level] of Object.entries(CONSOLE_LEVELS)) {
    define(name, (...args) => log(level, format(args)));
  }
  for (const name of CONSOLE_SILENT) define(name, () => {});
  define("assert", (isTrue, ...args) => {
    if (!isTrue) log("warning", format(["Assertion failed:", ...args]));
  });
  for (const name of REMOVED) Reflect.deleteProperty(globalThis, name);
  // Loads the drivers of the graphics card.
  Reflect.deleteProperty(Object.getPrototypeOf(navigator), "gpu");
  limitCrypto();
}
