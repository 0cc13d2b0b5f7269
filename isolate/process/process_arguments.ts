/**
 * The command line of a child process: the least rights that it works with.
 *
 * @module
 */

import type { ServerAddress } from "../../contract/isolate/messages/host_messages.ts";
import type { ChildBundle } from "./child_bundle.ts";

/**
 * Megabytes of half the space for new objects. V8's own 16 let an isolate grow with the time that a
 * batch takes, without making it faster (measured: word counts of 100,000 and 1,000,000 keys).
 */
const YOUNG_SPACE_MB = 8;

/** Arguments of `deno` for a child that talks over the socket at `socketPath`. */
export function childArguments(
  options: {
    readonly bundle: ChildBundle;
    /** Servers that the host thread may connect to. */
    readonly places: readonly ServerAddress[];
    readonly allowNet?: readonly string[];
  },
  socketPath: string,
): string[] {
  const { bundle, places, allowNet = [] } = options;
  const servers = places.map(({ host, port }) =>
    `${host.includes(":") ? `[${host}]` : host}:${port}`
  );
  const net = [`unix:${socketPath}`, ...servers, ...allowNet];
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--no-npm",
    "--cached-only",
    "--no-lock",
    "--no-config",
    "--unstable-worker-options",
    `--v8-flags=--max-semi-space-size=${YOUNG_SPACE_MB}`,
    `--import-map=${bundle.importMapPath}`,
    `--allow-read=${bundle.directory},${socketPath}`,
    `--allow-write=${socketPath}`,
    `--allow-net=${net.join(",")}`,
    bundle.hostPath,
    socketPath,
    ...allowNet,
  ];
}
