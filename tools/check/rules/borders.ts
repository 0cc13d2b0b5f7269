/**
 * Who may import whom: each area imports only the areas and packages of its row.
 *
 * @module
 */

import type { Finding, Rule } from "../rule.ts";

interface Area {
  /** Files whose path begins so. The first row that fits a file holds for it. */
  readonly prefix: string;
  /** Prefixes of files, and packages, that they may import besides their own area. */
  readonly mayImport: readonly string[];
}

/** Codec files of redis/ that run in the sandbox beside user code: no `Deno.*`, no secrets. */
const PURE_REDIS = [
  ...[
    "bytes",
    "command_keys",
    "digits",
    "frame_nesting",
    "frame_scanner",
    "intrinsics",
    "resp_cursor",
  ],
  ...["resp_decoder", "resp_encoder", "resp_frame", "slots", "text_window"],
].map((name) => `redis/${name}.ts`);

/** Areas, from the ground up. */
const AREAS: readonly Area[] = [
  { prefix: "errors.ts", mayImport: [] },
  { prefix: "types/", mayImport: ["deno-std"] },
  {
    prefix: "contract/",
    mayImport: [
      ...["errors.ts", "zod", "node:crypto", "msgpackr", "@jridgewell/trace-mapping", "deno-std"],
    ],
  },
  { prefix: "redis/", mayImport: ["errors.ts", "contract/text/", "@std/async"] },
  { prefix: "sdk/", mayImport: ["contract/plan/", "contract/isolate/", "contract/text/"] },
  { prefix: "mod.ts", mayImport: ["sdk/mod.ts"] },
  {
    prefix: "coordinator/",
    mayImport: [
      ...["contract/", "redis/", "errors.ts", "zod", "msgpackr", "node:", "@std/async"],
    ],
  },
  {
    prefix: "isolate/sandbox/",
    mayImport: ["contract/", "sdk/", ...PURE_REDIS, "errors.ts", "node:async_hooks"],
  },
  { prefix: "isolate/child/", mayImport: ["contract/", "redis/", "errors.ts", "@std/async"] },
  {
    prefix: "isolate/process/",
    mayImport: ["contract/", "redis/redis_url.ts", "errors.ts", "zod", "node:", "@std/async"],
  },
  {
    prefix: "runtime/http/",
    mayImport: [
      ...["contract/", "runtime/base/", "runtime/engine/", "errors.ts", "zod"],
      ...["@std/http", "@std/async", "node:crypto"],
    ],
  },
  {
    prefix: "runtime/resp/",
    mayImport: ["contract/", "redis/", "runtime/engine/", "errors.ts", "@std/async", "node:"],
  },
  {
    prefix: "runtime/",
    mayImport: [
      ...["contract/", "redis/", "coordinator/", "isolate/process/", "errors.ts", "zod", "ioredis"],
      ...["croner", "es-module-lexer", "@std/async", "node:"],
    ],
  },
  { prefix: "servers/", mayImport: ["redis/", "contract/", "errors.ts", "@std/async", "node:"] },
  {
    prefix: "cli/",
    mayImport: [
      ...["contract/", "redis/", "servers/", "errors.ts", "zod", "commander", "cli-table3"],
      ...["cli-progress", "picocolors", "@jridgewell/trace-mapping", "es-module-lexer", "ioredis"],
      ...["npm:", "node:", "@std/async"],
    ],
  },
];

/** Finds imports that their area may not have. */
export const borders: Rule = {
  name: "borders",
  find: (project) =>
    project.product.flatMap(({ path, imports }) => {
      const area = AREAS.find(({ prefix }) => path.startsWith(prefix));
      if (area === undefined) {
        return [{ path, message: "is in no area: add a row to tools/check/rules/borders.ts" }];
      }
      return imports
        .filter(({ target }) => !mayImport(area, target))
        .map(({ target, line }): Finding => ({
          ...{ path, line },
          message: `${area.prefix} may not import ${target}`,
        }));
    }),
};

function mayImport({ prefix, mayImport }: Area, target: string): boolean {
  return [prefix, ...mayImport].some((allowed) => target.startsWith(allowed));
}
