/**
 * A thin client of a runtime's HTTP interface. It knows how to ask and how to tell what went wrong;
 * what the answers mean is for the commands.
 *
 * The token goes into the `authorization` header and nowhere else.
 *
 * @module
 */

import { z } from "zod";
import { ERROR_KINDS, type ErrorCode, PinionError } from "../../errors.ts";
import { readEvents, type ServerEvent } from "./server_events.ts";

/** Where a runtime is looked for if nothing else is said. */
export const DEFAULT_URL = "http://127.0.0.1:7480";

/**
 * `--url` and `--token`, as every command that talks to a runtime has them. Empty ones count as not
 * given: that is how a script unsets a variable of the environment.
 */
export const RemoteInput = z.object({
  url: z.string().transform((url) => url || DEFAULT_URL).pipe(
    z.url({ protocol: /^https?$/, error: `expected an address such as ${DEFAULT_URL}` }),
  ),
  token: z.string().optional().transform((token) => token || undefined),
});
/** See {@linkcode RemoteInput}. */
export type RemoteInput = z.infer<typeof RemoteInput>;

/** A request of {@linkcode Client}. */
export interface ClientRequest {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, with the media type `type`. */
  readonly body?: { readonly text: string; readonly type: string };
  readonly signal?: AbortSignal;
}

/** An answer that says what failed (RFC 9457), as the runtime gives it. */
const Problem = z.object({
  code: z.enum(Object.keys(ERROR_KINDS) as [ErrorCode, ...ErrorCode[]]),
  detail: z.string(),
  location: z.object({ file: z.string(), line: z.number(), column: z.number() }).optional(),
  stack: z.string().optional(),
});

/** See the module. */
export class Client {
  readonly #base: URL;
  readonly #token?: string;

  constructor({ url, token }: RemoteInput) {
    this.#base = new URL(url);
    this.#token = token;
  }

  /** Where the runtime is, without user or password. */
  get origin(): string {
    return this.#base.origin;
  }

  /** The answer, checked against `schema`. @throws the runtime's error, `RUNTIME_UNREACHABLE` */
  async get<S extends z.ZodType>(
    schema: S,
    path: string,
    request: ClientRequest = {},
  ): Promise<z.output<S>> {
    const response = await this.send(path, "application/json", request);
    const text = await response.text();
    const parsed = schema.safeParse(readJson(text));
    if (parsed.success) return parsed.data;
    throw new PinionError(
      "RUNTIME_UNREACHABLE",
      `${this.origin} answers, but not as this version of Pinion does`,
      { cause: parsed.error },
    );
  }

  /** The events of an answer that comes bit by bit. @throws as `get` */
  async *events(path: string, request: ClientRequest = {}): AsyncGenerator<ServerEvent> {
    const response = await this.send(path, "text/event-stream", request);
    if (response.body !== null) yield* readEvents(response.body);
  }

  /** Sends a request; an answer that is no success is thrown as the error that it tells of. */
  async send(path: string, accept: string, request: ClientRequest): Promise<Response> {
    const url = new URL(path.replace(/^\//, ""), this.#base.href.replace(/\/?$/, "/"));
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = new Headers({ accept });
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token}`);
    const body = request.json === undefined ? request.body?.text : JSON.stringify(request.json);
    if (body !== undefined) {
      headers.set("content-type", request.body?.type ?? "application/json");
    }
    const { method = "GET", signal } = request;
    const response = await fetch(url, { method, headers, body, signal }).catch((cause) => {
      signal?.throwIfAborted();
      throw new PinionError("RUNTIME_UNREACHABLE", `Nothing answers at ${this.origin}`, { cause });
    });
    if (response.ok) return response;
    throw this.#readProblem(response.status, await response.text());
  }

  #readProblem(status: number, text: string): PinionError {
    const parsed = Problem.safeParse(readJson(text));
    if (!parsed.success) {
      return new PinionError(
        "RUNTIME_UNREACHABLE",
        `${this.origin} answers with status ${status}, but not as a Pinion runtime does`,
      );
    }
    return problemError(parsed.data);
  }
}

/** The error that problem data tells of; `undefined` if `data` is none. */
export function readProblem(data: unknown): PinionError | undefined {
  const parsed = Problem.safeParse(data);
  return parsed.success ? problemError(parsed.data) : undefined;
}

function problemError({ code, detail, location, stack }: z.infer<typeof Problem>): PinionError {
  return new PinionError(code, detail, { location, authorStack: stack });
}

function readJson(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}
