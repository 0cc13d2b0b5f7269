/**
 * The globals that user code finds: what it has no use for is removed, what it prints is logged.
 *
 * This is convenience and a first line. What holds is the process around the sandbox.
 *
 * @module
 */

import type { LogLevel } from "../../../sdk/host.ts";

/** Ways to the process, to other threads, and to messages of the border. */
const REMOVED = [
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
  dir: "notice",
  table: "notice",
  trace: "notice",
  warn: "warning",
  error: "warning",
};

/** Removes globals and turns `console` into the log. */
export function prepareGlobals(log: (level: LogLevel, message: string) => void): void {
  const { inspect } = Deno;
  const format = (args: readonly unknown[]) =>
    args.map((arg) => typeof arg === "string" ? arg : inspect(arg, { colors: false })).join(" ");
  for (const [name, level] of Object.entries(CONSOLE_LEVELS)) {
    Object.defineProperty(console, name, {
      value: (...args: unknown[]) => log(level, format(args)),
      writable: true,
      configurable: true,
    });
  }
  for (const name of REMOVED) Reflect.deleteProperty(globalThis, name);
}
