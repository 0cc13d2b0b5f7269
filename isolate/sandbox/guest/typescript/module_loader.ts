/**
 * Loads the author's module: from memory, with no import but the SDK.
 *
 * @module
 */

import { compileBuilder, GB, GearsBuilder } from "../../../../sdk/gears_builder.ts";
import * as sdk from "../../../../sdk/mod.ts";
import type { CompileExport, GuestFetch, GuestFunction, GuestModule } from "../guest.ts";

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
  for (const [name, value] of Object.entries({ ...sdk, GB, GearsBuilder })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}

/** Evaluates `source` as a TypeScript module. @throws what the loader or the module threw */
export async function loadModule(source: string): Promise<GuestModule> {
  const url = createObjectURL(new Blob([source], { type: "application/typescript" }));
  try {
    return inspect(await import(url));
  } finally {
    revokeObjectURL(url);
  }
}

function inspect(module: Readonly<Record<string, unknown>>): GuestModule {
  const functions = new Map<string, GuestFunction>();
  const builders = new Map<string, CompileExport>();
  let fetch: GuestFetch | null = null;
  for (const [name, value] of Object.entries(module)) {
    if (value instanceof GearsBuilder) {
      builders.set(name, (argument, options) => compileBuilder(value, argument, options));
    } else if (typeof value === "function") functions.set(name, value as GuestFunction);
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

function hasFetch(value: unknown): value is { fetch: GuestFetch } {
  return typeof value === "object" && value !== null &&
    typeof (value as { fetch?: unknown }).fetch === "function";
}
