/**
 * A runtime with one client, for tests of replies and errors.
 *
 * @module
 */

import { assert } from "@std/assert";
import { RespDecoder, type RespValue } from "../../../redis/resp_decoder.ts";
import { startRuntime } from "../../support/start_runtime.ts";
import { RawClient } from "./raw_client.ts";

/** Starts both; they are gone when it is disposed. */
export async function startAsking() {
  await using stack = new AsyncDisposableStack();
  const runtime = stack.use(await startRuntime());
  const client = stack.use(await RawClient.connect(runtime.resp));
  /** The reply to a command. */
  const ask = async (...args: readonly string[]): Promise<RespValue> =>
    new RespDecoder(new TextEncoder().encode(await client.ask(...args))).next();
  /** The error that a command is answered with. */
  const fail = async (...args: readonly string[]): Promise<string> => {
    const frame = await client.ask(...args);
    assert(frame.startsWith("-"), frame);
    return frame.slice(1, -2);
  };
  const owned = stack.move();
  return { runtime, client, ask, fail, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
