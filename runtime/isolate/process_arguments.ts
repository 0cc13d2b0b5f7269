/**
 * The command line of a child process: the least rights that it works with.
 *
 * @module
 */

import type { RedisAddress } from "../../redis/redis_url.ts";
import type { ChildBundle } from "./child_bundle.ts";

/** Arguments of `deno` for a child that talks over the socket at `socketPath`. */
export function childArguments(
  options: {
    readonly bundle: ChildBundle;
    readonly redis: RedisAddress;
    readonly allowNet?: readonly string[];
  },
  socketPath: string,
): string[] {
  const { bundle, redis, allowNet = [] } = options;
  const net = [`unix:${socketPath}`, `${redis.host}:${redis.port}`, ...allowNet];
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
