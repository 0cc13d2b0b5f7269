/**
 * Loads the author's module: from memory, with no import but the SDK.
 *
 * @module
 */

import type { GearsBuilder } from "../../../../sdk/gears_builder.ts";
import { GB, GearsBuilder as Builder } from "../../../../sdk/gears_builder.ts";
import * as sdk from "../../../../sdk/mod.ts";
import type { ModuleExport } from "../../../../contract/isolate/modules.ts";

/** What a module exports that can be invoked. */
export interface LoadedModule {
  readonly functions: ReadonlyMap<string, AuthorFunction>;
  // deno-lint-ignore no-explicit-any
  readonly builders: ReadonlyMap<string, GearsBuilder<any, any>>;
  readonly fetch: FetchFunction | null;
  readonly exports: readonly ModuleExport[];
}

/** An exported function: the JSON value of the request, and where it runs. */
export type AuthorFunction = (input: unknown, context: unknown) => unknown;
/** A default export's `fetch`. */
export type FetchFunction = (request: Request, context: unknown) => Response | Promise<Response>;

const { createObjectURL, revokeObjectURL } = URL;

/** Makes the SDK importable as `pinion`: its module reads this name once, then it is gone. */
export async function publishSdk(): Promise<void> {
  const scope = globalThis as unknown as Record<string, unknown>;
  scope.__pinionSdk = { ...sdk };
  await import("pinion");
  delete scope.__pinionSdk;
}

/** Makes the names of the SDK globals, for scripts. */
export function publishGlobals(): void {
  for (const [name, value] of Object.entries({ ...sdk, GB, GearsBuilder: Builder })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}

/** Evaluates `source` as a TypeScript module. @throws what the loader or the module threw */
export async function loadModule(source: string): Promise<LoadedModule> {
  const url = createObjectURL(new Blob([source], { type: "application/typescript" }));
  try {
    return inspect(await import(url));
  } finally {
    revokeObjectURL(url);
  }
}

function inspect(module: Readonly<Record<string, unknown>>): LoadedModule {
  const functions = new Map<string, AuthorFunction>();
  // deno-lint-ignore no-explicit-any
  const builders = new Map<string, GearsBuilder<any, any>>();
  let fetch: FetchFunction | null = null;
  for (const [name, value] of Object.entries(module)) {
    if (value instanceof Builder) builders.set(name, value);
    else if (typeof value === "function") functions.set(name, value as AuthorFunction);
    else if (name === "default" && hasFetch(value)) fetch = value.fetch.bind(value);
  }
  return {
    functions,
    builders,
    fetch,
    exports: [
      ...Array.from(functions.keys(), (name) => ({ name, kind: "function" as const })),
      ...Array.from(builders.keys(), (name) => ({ name, kind: "builder" as const })),
      ...(fetch ? [{ name: "default", kind: "fetch" as const }] : []),
    ],
  };
}

function hasFetch(value: unknown): value is { fetch: FetchFunction } {
  return typeof value === "object" && value !== null &&
    typeof (value as { fetch?: unknown }).fetch === "function";
}
