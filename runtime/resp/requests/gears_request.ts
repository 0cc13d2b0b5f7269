/**
 * Collects the arguments of one command of ours while they arrive, up to the limits; over them, it
 * skips the rest and keeps nothing.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { RespLimits } from "../replies/resp_limits.ts";

/** First allocation for an argument; it grows with what arrives, not with what was announced. */
const FIRST_BYTES = 64 * 1024;
/** Room for the name and the options beside a script of full length. */
const OTHER_BYTES = 64 * 1024;

/** One command that begins with `RG.`; the caller reads the headers of its arguments. */
export class GearsRequest {
  readonly #limits: RespLimits;
  readonly #args: Uint8Array[] = [];
  #argsLeft: number;
  /** Bytes of the current argument still to come, CRLF included. */
  #bodyLeft = 0;
  #body: Uint8Array = new Uint8Array(0);
  #filled = 0;
  #totalBytes = 0;
  #error: PinionError | undefined;

  /** Begins a command of as many arguments as its header announces, the name included. */
  constructor(args: number, limits: RespLimits) {
    this.#limits = limits;
    this.#argsLeft = args;
    if (args > limits.maxArgs) this.#refuseSize(`${limits.maxArgs} arguments`, `${args}`);
  }

  /** The arguments, the name first. Empty when it was refused. */
  get args(): readonly Uint8Array[] {
    return this.#args;
  }

  /** Why the command cannot be taken. */
  get error(): PinionError | undefined {
    return this.#error;
  }

  /** Whether everything arrived. */
  get isComplete(): boolean {
    return this.#argsLeft === 0 && this.#bodyLeft === 0;
  }

  /** Whether bytes of an argument come next, rather than its header. */
  get isInBody(): boolean {
    return this.#bodyLeft > 0;
  }

  /** Bytes that the arguments so far have, or announce to have. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Forgets what came and skips the rest. */
  refuse(error: PinionError): void {
    this.#error ??= error;
    this.#args.length = 0;
    this.#body = new Uint8Array(0);
  }

  /** Notes the header of the next argument. */
  beginArgument(byteLength: number): void {
    this.#argsLeft--;
    this.#bodyLeft = byteLength + 2;
    this.#totalBytes += byteLength;
    const { maxScriptBytes } = this.#limits;
    if (byteLength > maxScriptBytes || this.#totalBytes > maxScriptBytes + OTHER_BYTES) {
      this.#refuseSize(`${maxScriptBytes} bytes`, `${Math.max(byteLength, this.#totalBytes)}`);
    }
    this.#body = new Uint8Array(
      this.#error === undefined ? Math.min(byteLength, FIRST_BYTES) : 0,
    );
    this.#filled = 0;
  }

  /** Takes what there is of the current argument: the offset after it. */
  take(bytes: Uint8Array, from: number, to: number): number {
    const end = Math.min(to, from + this.#bodyLeft);
    // The last two bytes of a body are its line end.
    const content = Math.min(end - from, Math.max(0, this.#bodyLeft - 2));
    this.#bodyLeft -= end - from;
    if (this.#error !== undefined) return end;
    this.#append(bytes.subarray(from, from + content));
    if (this.#bodyLeft === 0) this.#args.push(this.#complete());
    return end;
  }

  /** A view of a short array has its bytes moved out of V8's heap, which costs more than they do. */
  #complete(): Uint8Array {
    const body = this.#body;
    return this.#filled === body.length ? body : body.subarray(0, this.#filled);
  }

  #append(content: Uint8Array): void {
    const needed = this.#filled + content.length;
    if (needed > this.#body.length) {
      const grown = new Uint8Array(Math.max(needed, this.#body.length * 2));
      grown.set(this.#body.subarray(0, this.#filled));
      this.#body = grown;
    }
    this.#body.set(content, this.#filled);
    this.#filled = needed;
  }

  #refuseSize(limit: string, got: string): void {
    this.refuse(
      new PinionError(
        "TOO_LARGE",
        `Cannot read the command: expected at most ${limit}, got ${got}`,
      ),
    );
  }
}
