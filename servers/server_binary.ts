/**
 * Finds, and on Debian installs, the program of a Redis or Valkey server.
 *
 * @module
 */

import { PinionError } from "../errors.ts";

/** A program that is a server. */
export interface ServerBinary {
  /** Path, or name on PATH. */
  readonly path: string;
  /** Product and version, for example `redis 7.0.15`. */
  readonly version: string;
}

/** Names of the program, the preferred first. */
const PROGRAMS = ["redis-server", "valkey-server"] as const;
/** Names a program to use instead of any on PATH. */
const PROGRAM_VARIABLE = "PINION_REDIS_SERVER";
/** Tells Debian's maintainer scripts to start no service. */
const POLICY_FILE = "/usr/sbin/policy-rc.d";
const POLICY = "#!/bin/sh\nexit 101\n";
/** How long to wait for another apt-get. */
const LOCK_SECONDS = 60;

/** The first server that runs: of `PINION_REDIS_SERVER`, else of PATH; undefined where none does. */
export async function findServer(): Promise<ServerBinary | undefined> {
  const chosen = Deno.env.get(PROGRAM_VARIABLE);
  for (const path of chosen ? [chosen] : PROGRAMS) {
    const output = await run(path, ["--version"]);
    const version = /^(redis|valkey)\b.*\bv=(\S+)/i.exec(output ?? "");
    if (version !== null) return { path, version: `${version[1].toLowerCase()} ${version[2]}` };
  }
  return undefined;
}

/**
 * Installs Debian's `redis-server` without starting its service. Needs root.
 *
 * @param onMessage Told what is about to be done, a line each.
 * @throws {PinionError} `UNSUPPORTED` where this is not possible, with how to do it by hand.
 */
export async function installServer(
  onMessage: (line: string) => void = () => {},
): Promise<ServerBinary> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0 || !await exists("/etc/debian_version")) {
    throw refuseMissing("no server is installed");
  }
  onMessage("Installing redis-server with apt-get");
  const hasPolicy = await exists(POLICY_FILE);
  if (!hasPolicy) await Deno.writeTextFile(POLICY_FILE, POLICY, { mode: 0o755 });
  try {
    await run("apt-get", ["update"]);
    await run("apt-get", [
      ...["-o", `DPkg::Lock::Timeout=${LOCK_SECONDS}`],
      ...["install", "-y", "--no-install-recommends", "redis-server"],
    ]);
  } finally {
    if (!hasPolicy) await Deno.remove(POLICY_FILE);
  }
  const server = await findServer();
  if (server === undefined) throw refuseMissing("apt-get could not install redis-server");
  onMessage(`Installed ${server.version}`);
  return server;
}

/** The error of a machine without a server, with one line on how to get one. */
export function refuseMissing(why: string): PinionError {
  return new PinionError("UNSUPPORTED", `Cannot start a Redis server: ${why}. ${adviseInstall()}`);
}

function adviseInstall(): string {
  if (Deno.env.get(PROGRAM_VARIABLE)) {
    return `Set ${PROGRAM_VARIABLE} to a redis-server or valkey-server that runs, or unset it`;
  }
  switch (Deno.build.os) {
    case "darwin":
      return "Install one: brew install redis";
    case "windows":
      return "Run inside WSL (wsl --install), where apt-get install redis-server works";
    default:
      return "Install one: sudo apt-get install redis-server (Debian, Ubuntu), " +
        "sudo dnf install valkey (Fedora), apk add valkey (Alpine)";
  }
}

/** Output of a program that succeeds. */
async function run(path: string, args: string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command(path, {
      args,
      stdin: "null",
      stderr: "null",
      env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1", LC_ALL: "C" },
    });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
