/**
 * What a runtime answers and takes: the handlers of requests and channels by kind.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../../errors.ts";
import type { ChannelHandler, IncomingChannel, RequestHandler } from "../mesh.ts";
import { decodeCall } from "./message_codec.ts";

interface Entry<Handler> {
  readonly schema: z.ZodType;
  readonly handler: Handler;
}

/** See the module. */
export class Handlers {
  readonly #requests = new Map<string, Entry<RequestHandler<unknown>>>();
  readonly #channels = new Map<string, Entry<ChannelHandler<unknown>>>();

  /** @throws TypeError where there is one of that kind */
  handle<Body>(kind: string, schema: z.ZodType<Body>, handler: RequestHandler<Body>): void {
    add(this.#requests, kind, { schema, handler: handler as RequestHandler<unknown> });
  }

  /** @throws TypeError where there is one of that kind */
  accept<Header>(kind: string, schema: z.ZodType<Header>, handler: ChannelHandler<Header>): void {
    add(this.#channels, kind, { schema, handler: handler as ChannelHandler<unknown> });
  }

  /** What the handler answers. @throws `UNSUPPORTED`, `BAD_BODY`, what the handler throws */
  async answer(from: string, payload: Uint8Array, signal: AbortSignal): Promise<unknown> {
    const [handler, body] = find(this.#requests, "requests", payload);
    return await handler(from, body, signal);
  }

  /** Gives a channel to its handler. @throws `UNSUPPORTED`, `BAD_BODY`, what the handler throws */
  take(from: string, payload: Uint8Array, channel: IncomingChannel): void {
    const [handler, header] = find(this.#channels, "channels", payload);
    handler(from, header, channel);
  }
}

function add<Handler>(
  entries: Map<string, Entry<Handler>>,
  kind: string,
  entry: Entry<Handler>,
): void {
  if (entries.has(kind)) throw new TypeError(`There is a handler of ${kind} already`);
  entries.set(kind, entry);
}

function find<Handler>(
  entries: ReadonlyMap<string, Entry<Handler>>,
  what: string,
  payload: Uint8Array,
): readonly [handler: Handler, body: unknown] {
  const [kind, given] = decodeCall(payload);
  const entry = entries.get(kind);
  if (entry === undefined) {
    throw new PinionError(
      "UNSUPPORTED",
      `This shard's runtime takes no ${what} of kind ${kind}: its version may differ`,
    );
  }
  const parsed = entry.schema.safeParse(given);
  if (!parsed.success) {
    throw new PinionError("BAD_BODY", `Cannot take ${kind}: ${z.prettifyError(parsed.error)}`);
  }
  return [entry.handler, parsed.data];
}
