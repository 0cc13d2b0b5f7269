/**
 * The host thread of an isolate: the trusted half of the child process.
 *
 * It holds the session's links to the shard and the socket to the runtime, reads the shard for the
 * sandbox, and passes messages. It runs no user code and trusts nothing that the worker posts: what
 * is malformed ends the process. Its arguments are the path of its socket, and each `HOST:PORT`
 * that the sandbox may connect to.
 *
 * @module
 */

import {
  CHANNEL_HOST,
  CHANNEL_SANDBOX,
  FrameReader,
  FrameWriter,
} from "../../contract/isolate/frames.ts";
import type { FromHost, ToHost } from "../../contract/isolate/messages/host_messages.ts";
import { checkWorkerMessage } from "../../contract/isolate/check_worker_message.ts";
import type { ToHostThread, ToWorkerThread } from "../../contract/isolate/worker_border.ts";
import { ListedKeys } from "./keys_read.ts";
import { Readings } from "./readings.ts";
import { ServerNumbers } from "./server_numbers.ts";
import { SessionLinks } from "./session_links.ts";

/** Bytes that are read from the socket at a time. */
const READ_BYTES = 64 * 1024;

/** Every right but `net`, refused by name: what is left out would be inherited. */
const NO_RIGHTS = {
  env: false,
  ffi: false,
  import: false,
  read: false,
  run: false,
  sys: false,
  write: false,
} as const;

/**
 * The worker's module: it runs the sandbox, which it is sent. Loaded from its file, the sandbox
 * would have a path of the host in every stack that user code sees.
 */
const BOOT = `addEventListener(
  "message",
  ({ data }) => {
    postMessage({ type: "booted" });
    (async () => {}).constructor(data)();
  },
  { once: true },
);`;

const [socketPath, ...allowNet] = Deno.args;
const sandbox = Deno.readTextFile(new URL("./sandbox.js", import.meta.url));
const socket = await Deno.connect({ transport: "unix", path: socketPath });
const writer = new FrameWriter((bytes) => socket.write(bytes), exit);
const worker = new Worker(addressOf(BOOT), {
  type: "module",
  deno: { permissions: allowNet.length === 0 ? "none" : { ...NO_RIGHTS, net: allowNet } },
} as WorkerOptions);

worker.postMessage(await sandbox);

let links: SessionLinks | null = null;
let readings: Readings | null = null;
let listedKeys: ListedKeys | null = null;
let servers: ServerNumbers | null = null;

worker.onmessage = ({ data }: MessageEvent<unknown>) => {
  try {
    fromWorker(checkWorkerMessage(data));
  } catch (error) {
    crash(`The sandbox sent a message that cannot be: ${(error as Error).message}`);
  }
};
worker.onerror = (event) => {
  event.preventDefault();
  crash(event.message);
};
await receive();

function addressOf(module: string): string {
  return URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
}

/** Takes frames from the runtime until it goes away. */
async function receive(): Promise<void> {
  const frames = new FrameReader();
  const buffer = new Uint8Array(READ_BYTES);
  while (true) {
    const length = await socket.read(buffer).catch(() => null);
    if (length === null) return exit();
    frames.push(buffer.slice(0, length), fromRuntime);
  }
}

function fromRuntime(channel: number, payload: Uint8Array<ArrayBuffer>): void {
  if (channel === CHANNEL_SANDBOX) {
    toWorker({ type: "down", bytes: payload }, [payload.buffer]);
    return;
  }
  const message = JSON.parse(new TextDecoder().decode(payload)) as ToHost;
  switch (message.type) {
    case "init": {
      const { redis, clustered, linkName } = message;
      const numbers = servers = new ServerNumbers(redis);
      links = new SessionLinks(redis, linkName, (number) => numbers.place(number), toWorker);
      readings = new Readings(redis, linkName, clustered, toWorker);
      listedKeys?.close();
      listedKeys = new ListedKeys(redis, linkName, clustered, toWorker);
      return;
    }
    case "slots":
      readings!.moveTo(message.map.own);
      listedKeys!.moveTo(message.map.own);
      return toWorker({ type: "slots", slots: servers!.translate(message.map) });
    default:
      message satisfies never;
  }
}

function fromWorker(message: ToHostThread): void {
  switch (message.type) {
    case "up":
      return writer.send(CHANNEL_SANDBOX, message.bytes);
    case "commands":
      return links!.send(message.link, message.generation, message.bytes);
    case "open":
      return readings!.open(message.id, message.request);
    case "readKeys":
      return void listedKeys!.read(message);
    case "credit":
      return readings!.credit(message.id);
    case "close":
      return readings!.close(message.id);
    case "booted":
      return;
    case "ready":
      return toRuntime({ type: "ready" });
    case "broken":
      return void crash("The code broke the sandbox that it runs in");
    default:
      message satisfies never;
  }
}

function toWorker(message: ToWorkerThread, transfer: Transferable[] = []): void {
  worker.postMessage(message, transfer);
}

function toRuntime(message: FromHost): void {
  writer.send(CHANNEL_HOST, new TextEncoder().encode(JSON.stringify(message)));
}

async function crash(message: string): Promise<void> {
  toRuntime({ type: "crashed", message });
  await writer.drained();
  exit();
}

/** Ends the process; a worker in a busy loop would keep it alive otherwise. */
function exit(): void {
  Deno.kill(Deno.pid, "SIGKILL");
}
