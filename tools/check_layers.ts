/**
 * Fails on an import that ARCHITECTURE.md does not allow.
 *
 * The table below is the drawing in ARCHITECTURE.md as data: each room with the rooms that it may
 * import from. The first row whose prefix fits a file is the one that holds for it.
 *
 * @module
 */

import { init, parse } from "es-module-lexer";

interface Room {
  /** Files whose path begins so. */
  readonly prefix: string;
  /** Prefixes that they may import from, their own room included; packages by bare name. */
  readonly mayImport: readonly string[];
}

/** What runs in the Web Worker beside user code, or is bundled with it: no `Deno.*`, no secrets. */
const PURE_REDIS = [
  "redis/bytes.ts",
  "redis/command_keys.ts",
  "redis/digits.ts",
  "redis/frame_scanner.ts",
  "redis/intrinsics.ts",
  "redis/resp_cursor.ts",
  "redis/resp_decoder.ts",
  "redis/resp_encoder.ts",
  "redis/resp_frame.ts",
  "redis/slots.ts",
  "redis/text_window.ts",
];
/** The border between trust zones, which both sides share. */
const BORDER = [
  "runtime/isolate/frames.ts",
  "runtime/isolate/messages.ts",
  "runtime/isolate/server_trouble.ts",
  "runtime/isolate/session_bounds.ts",
  "runtime/isolate/wire.ts",
  "runtime/isolate/worker_border.ts",
];
/** What registrations are to the rooms that speak of them. */
const TRIGGERS_FACE = [
  "runtime/triggers/registration.ts",
  "runtime/triggers/registration_host.ts",
];
/** What the rooms of the runtime have in common. */
const RUNTIME_FACE = [
  "runtime/config_store.ts",
  "runtime/engine.ts",
  "runtime/json_text.ts",
  "runtime/library/library.ts",
  "runtime/list_sessions.ts",
  "runtime/log_book.ts",
  "runtime/slot_table.ts",
];
const ISOLATE_FACE = [
  "runtime/isolate/isolate",
  "runtime/isolate/limits.ts",
  "runtime/isolate/wire_weight.ts",
  ...BORDER,
];

const ROOMS: readonly Room[] = [
  { prefix: "errors.ts", mayImport: [] },
  { prefix: "types/", mayImport: ["types/", "deno-std"] },
  { prefix: "mod.ts", mayImport: ["sdk/mod.ts"] },
  { prefix: "redis/", mayImport: ["redis/", "errors.ts"] },
  { prefix: "sdk/plan/", mayImport: ["sdk/plan/", "errors.ts", "zod", "node:crypto"] },
  { prefix: "sdk/", mayImport: ["sdk/"] },
  {
    prefix: "coordinator/mesh/",
    mayImport: ["coordinator/mesh/", "errors.ts", "zod", "msgpackr", "node:"],
  },
  {
    prefix: "coordinator/cluster/",
    mayImport: ["coordinator/", "redis/", "errors.ts", "zod"],
  },
  { prefix: "coordinator/", mayImport: ["coordinator/", "redis/", "sdk/plan/", "errors.ts"] },
  {
    prefix: "runtime/isolate/sandbox/",
    mayImport: [
      "runtime/isolate/sandbox/",
      "sdk/",
      "errors.ts",
      "pinion",
      "runtime/json_text.ts",
      "node:async_hooks",
      ...BORDER,
      ...PURE_REDIS,
    ],
  },
  {
    prefix: "runtime/isolate/child/",
    mayImport: ["runtime/isolate/child/", "redis/", "errors.ts", ...BORDER],
  },
  ...BORDER.map((prefix) => ({
    prefix,
    mayImport: ["errors.ts", "sdk/plan/", "msgpackr", ...BORDER],
  })),
  {
    prefix: "runtime/isolate/",
    mayImport: [
      "runtime/isolate/isolate",
      "runtime/isolate/child_bundle.ts",
      "runtime/isolate/limits.ts",
      "contract/isolate/decode_messages.ts",
      "runtime/isolate/process_",
      "runtime/isolate/resource_watch.ts",
      "runtime/isolate/sdk_names.ts",
      "runtime/isolate/thread_share.ts",
      "runtime/isolate/wire_weight.ts",
      "redis/redis_url.ts",
      "errors.ts",
      "node:module",
      "node:timers",
      "zod",
      ...BORDER,
    ],
  },
  {
    prefix: "runtime/execution/",
    mayImport: [
      "runtime/execution/",
      "coordinator/",
      "redis/slots.ts",
      "sdk/plan/",
      "errors.ts",
      "zod",
      ...BORDER,
      ...RUNTIME_FACE,
    ],
  },
  {
    prefix: "runtime/session/",
    mayImport: [
      "runtime/session/",
      "runtime/execution/",
      "coordinator/",
      "redis/redis_url.ts",
      "sdk/plan/",
      "errors.ts",
      "es-module-lexer",
      ...ISOLATE_FACE,
      ...TRIGGERS_FACE,
      ...RUNTIME_FACE,
    ],
  },
  {
    prefix: "runtime/triggers/keys/",
    mayImport: ["runtime/triggers/", "redis/", "sdk/plan/", "errors.ts", ...BORDER],
  },
  {
    prefix: "runtime/triggers/",
    mayImport: [
      "runtime/triggers/",
      "runtime/session/",
      "runtime/execution/",
      "runtime/shard_redis.ts",
      "node:buffer",
      "coordinator/",
      "redis/",
      "sdk/plan/",
      "errors.ts",
      "zod",
      "ioredis",
      "croner",
      ...ISOLATE_FACE,
      ...RUNTIME_FACE,
    ],
  },
  {
    prefix: "runtime/library/",
    mayImport: [
      "runtime/library/",
      "runtime/session/",
      "runtime/execution/",
      "coordinator/local.ts",
      "coordinator/mesh/",
      "redis/redis_url.ts",
      "sdk/plan/",
      "errors.ts",
      "zod",
      "ioredis",
      "@jridgewell/trace-mapping",
      ...ISOLATE_FACE,
      ...TRIGGERS_FACE,
      ...RUNTIME_FACE,
    ],
  },
  {
    prefix: "runtime/resp/",
    mayImport: [
      "runtime/resp/",
      "redis/",
      "errors.ts",
      "zod",
      ...TRIGGERS_FACE,
      ...RUNTIME_FACE,
    ],
  },
  {
    prefix: "runtime/http/",
    mayImport: [
      "runtime/http/",
      "errors.ts",
      "zod",
      "@std/http",
      "node:crypto",
      ...TRIGGERS_FACE,
      ...RUNTIME_FACE,
    ],
  },
  {
    prefix: "runtime/",
    mayImport: ["runtime/", "coordinator/", "redis/", "sdk/plan/", "errors.ts", "zod", "ioredis"],
  },
  {
    prefix: "cli/",
    mayImport: [
      "cli/",
      "runtime/shard.ts",
      "runtime/config.ts",
      "runtime/harmless_text.ts",
      "runtime/json_text.ts",
      "runtime/engine.ts",
      "runtime/http/schemas.ts",
      "runtime/limit_table.ts",
      "runtime/log_book.ts",
      "runtime/library/library.ts",
      "runtime/library/source_places.ts",
      "redis/",
      "errors.ts",
      "zod",
      "commander",
      "cli-table3",
      "cli-progress",
      "picocolors",
      "@jridgewell/trace-mapping",
      "es-module-lexer",
      "ioredis",
      "npm:",
      "node:",
    ],
  },
  { prefix: "examples/", mayImport: ["pinion", "npm:"] },
  { prefix: "tests/", mayImport: [""] },
  { prefix: "bench/", mayImport: [""] },
  { prefix: "tools/", mayImport: ["tools/", "redis/", "errors.ts", "es-module-lexer"] },
];

const ROOT = new URL("../", import.meta.url);

/** Each forbidden import as a line. */
export async function findForbiddenImports(): Promise<string[]> {
  await init;
  const findings: string[] = [];
  for (const path of await listSources("")) {
    const room = ROOMS.find(({ prefix }) => path.startsWith(prefix));
    if (room === undefined) {
      findings.push(`${path}: belongs to no room of tools/check_layers.ts`);
      continue;
    }
    for (const target of await importsOf(path)) {
      if (room.mayImport.some((prefix) => target.startsWith(prefix))) continue;
      findings.push(`${path}: may not import ${target} (room ${room.prefix})`);
    }
  }
  return findings;
}

async function importsOf(path: string): Promise<string[]> {
  const [imports] = parse(await Deno.readTextFile(new URL(path, ROOT)), path);
  return imports
    .map(({ specifier }) => specifier)
    .filter((specifier) => typeof specifier === "string")
    .map((specifier) =>
      specifier.startsWith(".")
        ? new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length)
        : specifier
    );
}

async function listSources(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (name.startsWith(".") || name === "node_modules" || name === "dist") continue;
    if (isDirectory) paths.push(...await listSources(`${folder}${name}/`));
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) paths.push(`${folder}${name}`);
  }
  return paths.sort();
}

if (import.meta.main) {
  const findings = await findForbiddenImports();
  for (const finding of findings) console.error(finding);
  if (findings.length > 0) Deno.exit(1);
  console.log("layers: every import is one that ARCHITECTURE.md allows");
}
