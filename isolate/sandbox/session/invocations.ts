/**
 * Calls a module's exports for the runtime.
 *
 * @module
 */

import type { ErrorCode } from "../../../errors.ts";
import { GearsError } from "../../../sdk/base/gears_error.ts";
import { toJsonText } from "../../../contract/text/json_text.ts";
import { MAX_PAYLOAD_BYTES } from "../../../contract/isolate/frames.ts";
import type { FetchMessage } from "../../../contract/isolate/messages/calls.ts";
import { isPromise } from "../base/batch.ts";
import { sendToRuntime } from "../base/border.ts";
import type { GuestErrors, GuestModule, InvocationContext } from "../guest/guest.ts";
import type { Runs } from "./runs.ts";

/** Greatest result and body that fit in a message, in bytes. */
const MAX_BODY_BYTES = MAX_PAYLOAD_BYTES / 2;
/** Headers that a reply may have. */
const MAX_HEADERS = 256;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The part of its sandbox that invocations need. */
export interface InvocationsDeps {
  readonly errors: GuestErrors;
  readonly runs: Pick<Runs, "ask">;
}

/** Answers invocations of one module. */
export class Invocations {
  readonly #module: GuestModule;
  readonly #deps: InvocationsDeps;
  readonly #context: InvocationContext;

  constructor(module: GuestModule, deps: InvocationsDeps, context: InvocationContext) {
    this.#module = module;
    this.#deps = deps;
    this.#context = Object.freeze(context);
  }

  /** Calls a function with the JSON value of `body`, or with nothing. */
  invoke(id: number, exportName: string, body: Uint8Array): void {
    try {
      const callee = this.#module.functions.get(exportName)!;
      const result = callee(parseBody(body), this.#context);
      if (isPromise(result)) {
        result.then((value) => this.#reply(id, value), (error) => this.#failed(id, error));
      } else this.#reply(id, result);
    } catch (error) {
      this.#failed(id, error);
    }
  }

  /** Asks to run an exported builder; the runtime answers the caller from the execution. */
  runExport(id: number, exportName: string, body: Uint8Array): void {
    try {
      const compile = this.#module.builders.get(exportName)!;
      const { argument, options } = parseArguments(parseBody(body));
      void this.#deps.runs.ask(compile(argument, options), { invocation: id });
    } catch (error) {
      const isPlan = error instanceof GearsError && !(error instanceof BadBody);
      this.#failed(id, error, isPlan ? "BAD_PLAN" : undefined);
    }
  }

  /** Hands a request to the module's `fetch`. */
  async fetch(message: FetchMessage): Promise<void> {
    const { id, method, url, body } = message;
    try {
      const request = new Request(url, {
        method,
        headers: message.headers.map(([name, value]): [string, string] => [name, value]),
        ...(body !== null && { body: new Uint8Array(body) }),
      });
      const response = await this.#module.fetch!(request, this.#context);
      if (!(response instanceof Response) || response.type === "error") {
        throw new GearsError("fetch must return a Response that is no error, or a promise of one");
      }
      const headers = [...response.headers];
      requireSize(headers.length, MAX_HEADERS, "headers of the Response");
      const bytes = response.body === null ? null : new Uint8Array(await response.arrayBuffer());
      requireSize(bytes?.byteLength ?? 0, MAX_BODY_BYTES, "bytes of the Response");
      const { status, statusText } = response;
      sendToRuntime({ type: "fetchReply", id, status, statusText, headers, body: bytes });
    } catch (error) {
      this.#failed(id, error);
    }
  }

  #reply(id: number, value: unknown): void {
    try {
      const body = encoder.encode(value === undefined ? "null" : toJsonText(value));
      requireSize(body.byteLength, MAX_BODY_BYTES, "bytes of the result as JSON");
      sendToRuntime({ type: "reply", id, body });
    } catch (error) {
      this.#failed(id, error);
    }
  }

  #failed(id: number, error: unknown, code?: ErrorCode): void {
    const fallback = error instanceof BadBody ? "BAD_BODY" : "FUNCTION_FAILED";
    const data = this.#deps.errors.toData(error, code ?? fallback);
    sendToRuntime({ type: "failed", id, error: data });
  }
}

function requireSize(size: number, max: number, what: string): void {
  if (size > max) throw new GearsError(`Cannot answer: ${size} ${what}, expected at most ${max}`);
}

/** The caller's body is no JSON: not the author's fault. */
class BadBody extends GearsError {}

function parseBody(body: Uint8Array): unknown {
  if (body.byteLength === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(body));
  } catch (error) {
    throw new BadBody(`The body is no JSON: ${(error as Error).message}`);
  }
}

/** `"text:*"` or `{ "arg": "text:*", "options": { … } }`. */
function parseArguments(
  body: unknown,
): { argument: unknown; options: Readonly<Record<string, unknown>> } {
  if (body === undefined || body === null) return { argument: undefined, options: {} };
  if (typeof body === "string") return { argument: body, options: {} };
  if (typeof body === "object" && !Array.isArray(body)) {
    const { arg, options, ...rest } = body as Record<string, unknown>;
    const [unknown] = Object.keys(rest);
    const isObject = typeof options === "object" && options !== null;
    if (unknown === undefined && (options === undefined || isObject)) {
      return { argument: arg, options: (options ?? {}) as Record<string, unknown> };
    }
  }
  throw new BadBody(
    'The body of a batch run must be what to read, as text, or {"arg": …, "options": {…}}',
  );
}
