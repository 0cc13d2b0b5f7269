/**
 * The command line of a child process: the least rights that it works with.
 *
 * @module
 */

import type { RedisPlace } from "./messages.ts";
import type { ChildBundle } from "./child_bundle.ts";

/** Arguments of `deno` for a child that talks over the socket at `socketPath`. */
export function childArguments(
  options: {
    readonly bundle: ChildBundle;
    /** Servers that the host thread may connect to. */
    readonly places: readonly RedisPlace[];
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
    `--import-map=${bundle.importMapPath}`,
    `--allow-read=${bundle.directory},${socketPath}`,
    `--allow-write=${socketPath}`,
    `--allow-net=${net.join(",")}`,
    bundle.hostPath,
    socketPath,
    ...allowNet,
  ];
}
