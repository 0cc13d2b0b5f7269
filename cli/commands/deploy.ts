/**
 * `deploy`: bundles files and makes each a library of the runtime.
 *
 * All files are bundled before the first is sent, so a file that cannot be bundled changes nothing.
 *
 * @module
 */

import { basename } from "node:path";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { LibraryManifest, LibraryName, LibrarySummary } from "../../runtime/library/library.ts";
import { withAuthorPath } from "../bundle/author_paths.ts";
import { type Bundle, bundleFile } from "../bundle/bundle.ts";
import { resolveFile } from "../bundle/resolve_file.ts";
import { Client, RemoteInput } from "../client.ts";
import { type Command, defineCommand } from "../command.ts";
import { readPairs, wholeNumber } from "../input.ts";
import { formatBytes, formatCount, formatDuration } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";

const DeployInput = RemoteInput.extend({
  file: z.array(z.string()),
  name: LibraryName.optional(),
  description: z.string().optional(),
  env: z.array(z.string()).default([]),
  allowNet: z.array(z.string()).default([]),
  memoryMb: wholeNumber({ min: 32 }).optional(),
  timeoutMs: wholeNumber({ min: 1 }).optional(),
  upgrade: z.boolean().default(false),
  replaceWith: LibraryName.optional(),
  dryRun: z.boolean().default(false),
});
type DeployInput = z.infer<typeof DeployInput>;

/** What became of one file. */
interface Deployed extends LibrarySummary {
  readonly file: string;
  readonly dryRun: boolean;
  readonly bytes: number;
  readonly sourceMapBytes: number;
  readonly files: readonly string[];
  readonly packages: readonly string[];
  /** What the bundle asks for with `require()` and will not get. */
  readonly missing: readonly string[];
  readonly elapsedMs: number;
}

/** See the module. */
export const deploy: Command = defineCommand({
  name: "deploy",
  summary: "bundle files and deploy each as a library",
  details: "npm: packages and relative imports go into the bundle, the SDK stays outside. A " +
    "library is called like its file unless --name says otherwise. Exported async functions and " +
    "GearsBuilders can be invoked, a default { fetch } answers HTTP.",
  args: [["<file...>", "TypeScript or JavaScript modules"]],
  options: [
    ["--name <name>", "name of the library (one file only)"],
    ["--description <text>", "shown where libraries are listed"],
    ["--env <K=V...>", "a value for `env` of the SDK; may be repeated"],
    ["--allow-net <host:port...>", "a host that `fetch` may reach; may be repeated"],
    ["--memory-mb <n>", "memory limit of its isolate, in MiB"],
    ["--timeout-ms <n>", "time limit of one invocation, in milliseconds"],
    ["--upgrade", "replace the library if it is there already"],
    ["--replace-with <old>", "remove the library <old> once this one is in place"],
    ["--dry-run", "check and load everything, change nothing"],
  ],
  remote: true,
  examples: [
    ["deno task deploy examples/http_function.ts", "deploy a file as the library http_function"],
    [
      "deno task deploy shop.ts --upgrade --env CURRENCY=EUR --allow-net api.example.com:443",
      "replace a library, with a setting and a host that it may call",
    ],
    [
      "deno task deploy src/*.ts --dry-run",
      "see whether these would deploy, and how large they are",
    ],
  ],
  input: DeployInput,
  action: ({ file }) => `deploy ${file.join(", ")}`,
  run: deployFiles,
  show: (deployed, output, input) =>
    deployed.forEach((library) => showDeployed(library, output, input)),
});

async function deployFiles(
  input: DeployInput,
  { signal }: { signal: AbortSignal },
): Promise<Deployed[]> {
  const client = new Client(input);
  const manifest = readManifest(input);
  const names = nameLibraries(input);
  const bundles: { bundle: Bundle; file: string; startedAt: number }[] = [];
  for (const file of input.file) {
    const startedAt = performance.now();
    bundles.push({
      bundle: await bundleFile(await resolveFile(file), { signal }),
      file,
      startedAt,
    });
  }
  const deployed: Deployed[] = [];
  for (const [index, { bundle, file, startedAt }] of bundles.entries()) {
    const summary = await client.get(LibrarySummary, `/v1/libraries/${names[index]}`, {
      method: "PUT",
      query: { dryRun: input.dryRun ? 1 : undefined },
      json: {
        source: bundle.source,
        sourceMap: bundle.sourceMap,
        manifest,
        upgrade: input.upgrade,
        replaceWith: input.replaceWith,
      },
      signal,
    }).catch((error) => {
      throw withAuthorPath(PinionError.from(error), bundle.root);
    });
    deployed.push({
      ...summary,
      file,
      dryRun: input.dryRun,
      bytes: byteLength(bundle.source),
      sourceMapBytes: byteLength(bundle.sourceMap),
      files: bundle.files,
      packages: bundle.packages,
      missing: bundle.missing,
      elapsedMs: performance.now() - startedAt,
    });
  }
  return deployed;
}

/** The manifest that the options make. @throws `BAD_ARGUMENT` */
function readManifest(input: DeployInput): LibraryManifest {
  const parsed = LibraryManifest.safeParse({
    description: input.description,
    env: readPairs("--env", input.env),
    allowNet: input.allowNet,
    memoryMb: input.memoryMb,
    timeoutMs: input.timeoutMs,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PinionError("BAD_ARGUMENT", `${issue.path.join(".")}: ${issue.message}`);
}

/** The name of each file's library. @throws `BAD_ARGUMENT` */
function nameLibraries({ file: files, name, replaceWith }: DeployInput): string[] {
  if (files.length > 1 && (name ?? replaceWith) !== undefined) {
    throw new PinionError(
      "BAD_ARGUMENT",
      `--name and --replace-with go with one file, got ${files.length}`,
    );
  }
  const names = files.map((file) => name ?? basename(file).replace(/\.[^.]*$/, ""));
  for (const [index, candidate] of names.entries()) {
    const parsed = LibraryName.safeParse(candidate);
    if (!parsed.success) {
      throw new PinionError(
        "BAD_ARGUMENT",
        `"${candidate}" is no name for a library: ${
          parsed.error.issues[0].message
        }; give one with --name`,
      );
    }
    if (names.indexOf(candidate) !== index) {
      throw new PinionError("BAD_ARGUMENT", `Two of the files would be the library "${candidate}"`);
    }
  }
  return names;
}

function showDeployed(library: Deployed, output: Output, { url }: DeployInput): void {
  const { style } = output;
  if (!output.interactive) {
    const state = library.dryRun ? "checked" : "deployed";
    output.print([library.name, `v${library.version}`, state, library.bytes].join("\t"));
    return;
  }
  const done = library.dryRun ? "would be deployed" : `v${library.version} is deployed`;
  output.print(
    `${style.green("✔")} ${style.bold(library.name)} ${done} ${
      style.dim(`(${formatDuration(library.elapsedMs)})`)
    }`,
  );
  const parts = [
    formatCount(library.files.length, "file"),
    formatCount(library.packages.length, "package"),
  ].join(", ");
  output.print(
    `  size     ${formatBytes(library.bytes)} of ${parts}; source map ${
      formatBytes(library.sourceMapBytes)
    }`,
  );
  output.print(`  exports  ${listExports(library)}`);
  if (library.missing.length > 0) {
    output.print(
      style.yellow(`  careful  it asks for ${library.missing.join(", ")}: fails where it is used`),
    );
  }
  if (!library.dryRun) tryLines(library, url).forEach((line) => output.print(line));
}

function listExports(library: LibrarySummary): string {
  const names = library.exports.map(({ name, kind }) => `${name} (${kind})`);
  return names.join(", ") || "nothing: there is nothing to invoke";
}

/** A line to try for the first export of each kind that HTTP reaches. */
function tryLines({ name, exports }: LibrarySummary, url: string): string[] {
  const called = exports.find(({ kind }) => kind !== "fetch");
  const lines: string[] = [];
  if (called) lines.push(`deno task pinion invoke ${name} ${called.name}`);
  if (exports.some(({ kind }) => kind === "fetch")) {
    lines.push(`curl ${new URL(`/fn/${name}/`, url)}`);
  }
  return lines.map((line, index) => `  ${index === 0 ? "try" : "   "}      ${line}`);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
