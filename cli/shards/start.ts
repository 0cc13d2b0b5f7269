/**
 * `start`: one shard's runtime, until a signal ends it.
 *
 * @module
 */

import { TASK } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { type Command, type CommandContext, defineCommand } from "../base/cli_command.ts";
import { untilAborted } from "../base/interrupts.ts";
import { requireFreePorts } from "../../servers/check_ports.ts";
import { readConfigFile } from "./config_file.ts";
import { formatLogLine } from "../ui/log_line.ts";
import { showReady } from "./show_ready.ts";

const StartInput = z.object({
  redis: z.string().optional(),
  resp: z.string().optional(),
  http: z.string().optional(),
  mesh: z.string().optional(),
  token: z.string().optional(),
  config: z.string().optional(),
  attached: z.boolean().default(false),
});
type StartInput = z.infer<typeof StartInput>;

/** The command `start`. */
export const start: Command = defineCommand({
  name: "start",
  summary: "start the runtime of one shard",
  details: "Without --redis (or PINION_REDIS) it starts a Redis of its own, whose data end with " +
    "it. With --json it prints one line once it serves: " +
    '{"ready":true,"redis":…,"resp":…,"http":…,"mesh":…,"pid":…}; logs go to stderr. Ctrl-C ends ' +
    "it in order, a second one at once.",
  options: [
    ["--redis <url>", "the shard's Redis or Valkey (env: PINION_REDIS)"],
    ["--resp <host:port>", "where the Redis protocol is served (default: 127.0.0.1:6380)"],
    ["--http <host:port>", "where HTTP is served (default: 127.0.0.1:7480)"],
    ["--mesh <host:port>", "where other shards connect (default: 127.0.0.1:7481)"],
    ["--token <token>", "required of every client (env: PINION_TOKEN)"],
    ["--config <file>", "a JSON file with these and further settings; options come first"],
    ["--attached", "end when stdin ends, as under a supervisor"],
  ],
  examples: [
    [`${TASK} start`, "a runtime with a Redis of its own"],
    [`${TASK} start --redis redis://127.0.0.1:6379`, "beside a Redis that runs already"],
    [
      `PINION_TOKEN=secret ${TASK} start --http 0.0.0.0:7480`,
      "for other machines, which need the token",
    ],
  ],
  input: StartInput,
  action: () => "start the runtime",
  run: serve,
});

async function serve(input: StartInput, context: CommandContext): Promise<undefined> {
  const { output } = context;
  const signal = input.attached
    ? AbortSignal.any([context.signal, untilEof(Deno.stdin.readable)])
    : context.signal;
  const settings = { ...await readConfigFile(input.config), ...readOptions(input) };
  const redis = settings.redis ?? (Deno.env.get("PINION_REDIS") || undefined);
  const token = settings.token ?? (Deno.env.get("PINION_TOKEN") || undefined);
  // Loaded here, so that the other commands start without the runtime.
  const { ManagedServer } = await import("../../servers/managed_server.ts");
  const { resolveConfig } = await import("../../runtime/base/config.ts");
  const { startShard } = await import("../../runtime/shard.ts");
  requireFreePorts(resolveConfig({ ...settings, redis: redis ?? "", token }));
  await using owned = new AsyncDisposableStack();
  const server = redis === undefined
    ? owned.use(
      await ManagedServer.start({
        installIfMissing: true,
        onMessage: (line) => output.note(line),
        signal,
      }),
    )
    : undefined;
  const shard = owned.use(
    await startShard(
      { ...settings, redis: redis ?? server!.url, token },
      (line) => output.note(formatLogLine(line, output.errorStyle)),
    ),
  );
  if (!signal.aborted) {
    showReady(shard.ready, output, { ownedRedis: server?.version });
    await untilAborted(signal);
  }
  output.hint("Stopping …");
  return undefined;
}

/** Aborts when nobody holds the other end any more. */
function untilEof(stream: ReadableStream<Uint8Array>): AbortSignal {
  const controller = new AbortController();
  void stream.pipeTo(new WritableStream()).catch(() => {}).finally(() => controller.abort());
  return controller.signal;
}

/** The options that were given, without those that are no settings. */
function readOptions(
  { config: _config, attached: _attached, ...options }: StartInput,
): Partial<StartInput> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
