/**
 * `deploy`: bundles files and makes each a library of the runtime.
 *
 * All files are bundled, and several of them tried on the runtime, before the first is deployed:
 * one that cannot be changes nothing.
 *
 * @module
 */

import { TASK } from "../../contract/text/program_name.ts";
import { basename } from "node:path";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { LibraryManifest, LibraryName, LibrarySummary } from "../../contract/api/library_info.ts";
import { withAuthorPath } from "../bundle/author_paths.ts";
import { type Bundle, bundleFile } from "../bundle/bundle.ts";
import { resolveFile } from "../bundle/resolve_file.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { readPairs, wholeNumber } from "../base/input.ts";
import { type Deployed, showDeployed } from "./deploy_view.ts";

const DeployInput = RemoteInput.extend({
  file: z.array(z.string()),
  name: LibraryName.optional(),
  description: z.string().optional(),
  env: z.array(z.string()).default([]),
  allowNet: z.array(z.string()).default([]),
  secret: z.array(z.string()).default([]),
  redisUser: z.string().optional(),
  memoryMb: wholeNumber({ min: 32 }).optional(),
  timeoutMs: wholeNumber({ min: 1 }).optional(),
  upgrade: z.boolean().default(false),
  replaceWith: LibraryName.optional(),
  dryRun: z.boolean().default(false),
});
type DeployInput = z.infer<typeof DeployInput>;

/** The command `deploy`. */
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
    ["--secret <name...>", "a secret of the runtime's config that `env` shows; may be repeated"],
    ["--redis-user <name>", "Redis ACL user of the runtime's config that its commands run as"],
    ["--memory-mb <n>", "memory limit of its isolate, in MiB"],
    ["--timeout-ms <n>", "time limit of one invocation, in milliseconds"],
    ["--upgrade", "replace the library if it is there already"],
    ["--replace-with <old>", "remove the library <old> once this one is in place"],
    ["--dry-run", "check and load everything, change nothing"],
  ],
  remote: true,
  examples: [
    [`${TASK} deploy examples/http_function.ts`, "deploy a file as the library http_function"],
    [
      `${TASK} deploy shop.ts --upgrade --env CURRENCY=EUR --allow-net api.example.com:443`,
      "replace a library, with a setting and a host that it may call",
    ],
    [
      `${TASK} deploy src/*.ts --dry-run`,
      "see whether these would deploy, and how large they are",
    ],
  ],
  input: DeployInput,
  action: ({ file }) => `deploy ${file.length > 3 ? `${file.length} files` : file.join(", ")}`,
  run: deployFiles,
  show: (deployed, output, input) =>
    deployed.forEach((library) => showDeployed(library, output, input.url)),
});

async function deployFiles(
  input: DeployInput,
  { signal }: { signal: AbortSignal },
): Promise<Deployed[]> {
  const names = nameLibraries(input);
  const request = {
    client: new Client(input),
    manifest: readManifest(input),
    upgrade: input.upgrade,
    replaceWith: input.replaceWith,
    signal,
  };
  const bundles: NamedBundle[] = [];
  for (const [index, file] of input.file.entries()) {
    const startedAt = performance.now();
    const bundle = await bundleFile(await resolveFile(file), { signal });
    bundles.push({ name: names[index], file, bundle, startedAt });
  }
  if (bundles.length > 1 && !input.dryRun) {
    for (const bundle of bundles) await sendBundle(bundle, { ...request, dryRun: true });
  }
  const deployed: Deployed[] = [];
  for (const bundle of bundles) {
    deployed.push(await sendBundle(bundle, { ...request, dryRun: input.dryRun }));
  }
  return deployed;
}

interface NamedBundle {
  readonly name: string;
  readonly file: string;
  readonly bundle: Bundle;
  readonly startedAt: number;
}

interface DeployOptions {
  readonly client: Client;
  readonly manifest: z.input<typeof LibraryManifest>;
  readonly upgrade: boolean;
  readonly replaceWith?: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** Deploys one bundle, or only asks whether it could be. */
async function sendBundle(
  { name, file, bundle, startedAt }: NamedBundle,
  { client, manifest, upgrade, replaceWith, dryRun, signal }: DeployOptions,
): Promise<Deployed> {
  const { source, sourceMap, root, files, packages, missing } = bundle;
  const summary = await client.get(LibrarySummary, `/v1/libraries/${name}`, {
    method: "PUT",
    query: { dryRun: dryRun ? 1 : undefined },
    json: { source, sourceMap, manifest, upgrade, replaceWith },
    signal,
  }).catch((error) => {
    throw error instanceof PinionError ? withAuthorPath(error, root) : error;
  });
  return {
    ...summary,
    file,
    dryRun,
    bytes: byteLength(source),
    sourceMapBytes: byteLength(sourceMap),
    files,
    packages,
    missing,
    elapsedMs: performance.now() - startedAt,
  };
}

/**
 * The manifest that the options make, checked; what was not given is for the runtime to fill in.
 */
function readManifest(input: DeployInput): z.input<typeof LibraryManifest> {
  const { description, allowNet, secret, redisUser, memoryMb, timeoutMs } = input;
  const manifest = {
    description,
    env: readPairs("--env", input.env),
    allowNet,
    secrets: secret,
    redisUser,
    memoryMb,
    timeoutMs,
  };
  const parsed = LibraryManifest.safeParse(manifest);
  if (parsed.success) return manifest;
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

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
