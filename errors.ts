/**
 * The one table of error codes, and the one error class that carries them.
 *
 * Every failure that leaves Pinion (as a RESP error, an HTTP problem document or a line and an exit
 * code of the command line) has a code from this table. Errors cross borders (isolate, mesh, HTTP)
 * as {@linkcode ErrorData}, never as an exception with a stack of ours.
 *
 * @module
 */

/** A code's row in the table. */
export interface ErrorKind {
  /** HTTP status of the problem document. */
  readonly http: number;
  /**
   * Prefix of the RESP error. Empty where RedisGears fixes the whole text, which is then sent as it
   * is.
   */
  readonly resp: string;
  /** Exit code of the command line. */
  readonly exit: number;
  /**
   * Person who has to act: the sender of the request, the author of the function, or the operator.
   */
  readonly fault: "caller" | "author" | "operator";
  /** True if the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** A short name of the problem for people. */
  readonly title: string;
}

/** Exit codes: 0 done, 1 failed, 2 bad usage, 3 not found, 4 refused, 5 unreachable, 6 stopped. */
const EXIT = { failed: 1, usage: 2, missing: 3, refused: 4, unreachable: 5, stopped: 6 } as const;

function kind(
  http: number,
  resp: string,
  exit: keyof typeof EXIT,
  fault: ErrorKind["fault"],
  title: string,
  retryable = false,
): ErrorKind {
  return { http, resp, exit: EXIT[exit], fault, title, retryable };
}

/** Every code, in the order of the way of a request: border, script, execution, library, shard. */
export const ERROR_KINDS = {
  BAD_ARGUMENT: kind(400, "ERR", "usage", "caller", "Bad argument"),
  BAD_OPTION: kind(400, "", "usage", "caller", "Unknown or incomplete option"),
  BAD_BODY: kind(400, "ERR", "usage", "caller", "Body cannot be read"),
  BAD_FRAME: kind(400, "ERR Protocol error:", "usage", "caller", "Malformed RESP frame"),
  NOT_AUTHENTICATED: kind(401, "NOAUTH", "refused", "caller", "Authentication required"),
  NOT_PERMITTED: kind(403, "NOPERM", "refused", "caller", "Not permitted"),
  NOT_FOUND: kind(404, "ERR", "missing", "caller", "Not found"),
  METHOD_NOT_ALLOWED: kind(405, "ERR", "usage", "caller", "Method not allowed"),
  TOO_LARGE: kind(413, "ERR", "usage", "caller", "Too large"),
  UNSUPPORTED_MEDIA_TYPE: kind(415, "ERR", "usage", "caller", "Unsupported media type"),
  UNSUPPORTED: kind(501, "ERR", "usage", "caller", "Not supported"),
  NO_MULTI: kind(409, "", "usage", "caller", "Not possible here"),

  SCRIPT_SYNTAX: kind(422, "SCRIPT", "failed", "author", "Script does not parse"),
  SCRIPT_FAILED: kind(422, "SCRIPT", "failed", "author", "Script failed"),
  BAD_IMPORT: kind(422, "SCRIPT", "failed", "author", "Import is not allowed"),
  BAD_PLAN: kind(422, "SCRIPT", "failed", "author", "Plan cannot be built"),

  NO_EXECUTION: kind(404, "", "missing", "caller", "Unknown execution"),
  EXECUTION_RUNNING: kind(409, "", "failed", "caller", "Execution is still running", true),
  EXECUTION_ABORTED: kind(409, "ABORTED", "stopped", "caller", "Execution was aborted"),

  NO_SESSION: kind(404, "", "missing", "caller", "Unknown session"),
  SESSION_EXISTS: kind(409, "", "refused", "caller", "Session exists already"),
  NO_REGISTRATION: kind(404, "", "missing", "caller", "Unknown registration"),
  NO_TRIGGER: kind(404, "ERR", "missing", "caller", "Unknown trigger"),
  REGISTRATION_STOPPED: kind(503, "ERR", "stopped", "operator", "Registration is stopped", true),
  NO_LIBRARY: kind(404, "ERR", "missing", "caller", "Unknown library"),
  NO_EXPORT: kind(404, "ERR", "missing", "caller", "Unknown export"),
  NO_VERSION: kind(404, "ERR", "missing", "caller", "Unknown version"),
  LIBRARY_BUSY: kind(409, "ERR", "failed", "caller", "Library is being changed", true),
  LIBRARY_STOPPED: kind(503, "LIMIT", "stopped", "author", "Library keeps dying", true),
  FUNCTION_FAILED: kind(500, "FUNCTION", "failed", "author", "Function failed"),

  LIMIT_MEMORY: kind(507, "LIMIT", "stopped", "author", "Memory limit reached"),
  LIMIT_CPU: kind(504, "LIMIT", "stopped", "author", "CPU limit reached"),
  LIMIT_TIME: kind(504, "LIMIT", "stopped", "author", "Time limit reached"),
  LIMIT_RESULT: kind(507, "LIMIT", "stopped", "author", "Result limit reached"),
  LIMIT_ISOLATES: kind(503, "LIMIT", "stopped", "operator", "Too many isolates", true),
  LIMIT_CLIENTS: kind(503, "ERR", "unreachable", "operator", "Too many clients", true),
  ISOLATE_DIED: kind(500, "ISOLATE", "failed", "author", "Isolate died", true),

  REDIS_UNAVAILABLE: kind(
    503,
    "REDISDOWN",
    "unreachable",
    "operator",
    "Redis cannot be reached",
    true,
  ),
  REDIS_REFUSED: kind(502, "REDISDOWN", "refused", "operator", "Redis refused the connection"),
  REDIS_ERROR: kind(502, "ERR", "failed", "operator", "Redis answered with an error"),
  RUNTIME_UNREACHABLE: kind(
    503,
    "ERR",
    "unreachable",
    "operator",
    "Runtime cannot be reached",
    true,
  ),
  STANDBY: kind(503, "STANDBY", "unreachable", "operator", "Runtime stands by", true),
  SHARD_LOST: kind(503, "SHARDLOST", "unreachable", "operator", "Shard is lost", true),
  MESH_REFUSED: kind(502, "ERR", "refused", "operator", "Peer refused the link"),
  LIMIT_MESH: kind(503, "LIMIT", "stopped", "operator", "Mesh limit reached", true),
  SHUTTING_DOWN: kind(503, "ERR", "unreachable", "operator", "Runtime is shutting down", true),
  INTERNAL: kind(500, "ERR", "failed", "operator", "Internal error"),
} as const satisfies Record<string, ErrorKind>;

/** A code of the table. */
export type ErrorCode = keyof typeof ERROR_KINDS;

/** Place in an author's source at which an error arose. */
export interface SourceLocation {
  /** As the author named it: never a path of the host. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
}

/** An error as data: what crosses the isolate border, the mesh and HTTP. */
export interface ErrorData {
  /** Row of the table. */
  readonly code: ErrorCode;
  /** Action, reason and next step. */
  readonly message: string;
  /** Place in the author's source at which it arose, if it did. */
  readonly location?: SourceLocation;
  /** The author's own frames, one a line; never ours. */
  readonly stack?: string;
}

/**
 * A failure with a code from {@linkcode ERROR_KINDS}.
 *
 * The message says what was done, why it failed and what to do. It may reach clients, so it holds
 * no path, address or secret of the host.
 */
export class PinionError extends Error {
  /** Always `PinionError`. */
  override readonly name = "PinionError";
  /** Row of the table. */
  readonly code: ErrorCode;
  /** Place in the author's source at which it arose, if it did. */
  readonly location?: SourceLocation;
  /** The author's own frames, one a line. */
  readonly authorStack?: string;

  /**
   * An error of this code.
   *
   * @param options `cause` stays on this host: it goes to the log and over no border.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; location?: SourceLocation; authorStack?: string } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.location = options.location;
    this.authorStack = options.authorStack;
  }

  /** Row of this error's code. */
  get kind(): ErrorKind {
    return ERROR_KINDS[this.code];
  }

  /** The error as data, for a border. */
  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.location && { location: this.location }),
      ...(this.authorStack && { stack: this.authorStack }),
    };
  }

  /** The error that came over a border as data. */
  static fromData(data: ErrorData): PinionError {
    return new PinionError(data.code, data.message, {
      location: data.location,
      authorStack: data.stack,
    });
  }

  /**
   * Any thrown value as a {@linkcode PinionError}. What is not ours becomes `INTERNAL` with a
   * message that tells nothing of the host; the original is kept as `cause` for the log.
   */
  static from(error: unknown): PinionError {
    if (error instanceof PinionError) return error;
    return new PinionError(
      "INTERNAL",
      "The runtime failed in a way that it did not expect; its log says more",
      { cause: error },
    );
  }
}
