/**
 * Results of an execution on their way to the runtime, in messages of a bounded size.
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";
import { MAX_PAYLOAD_BYTES } from "../../../contract/isolate/frames.ts";
import { decodeWire, encodeWire } from "../../../contract/isolate/wire.ts";
import { sendToRuntime } from "../base/border.ts";
import { explainUnencodable } from "../shuffle/unencodable.ts";

/** Results that travel in one message. */
const RESULT_BATCH = 1_000;
/** Results that encode to more travel in several messages. */
const MESSAGE_BYTES = 8 * 1024 * 1024;

/** The execution whose results they are. */
export interface ResultsDeps {
  readonly executionId: string;
  /** True where `run()` resolves to them; results of a worker shard are the initiator's. */
  readonly isInitiator: boolean;
  /** Takes the error of a result that cannot be sent. */
  fail(error: GearsError): void;
}

/** Sends results, and keeps those that `run()` resolves to. */
export class ExecutionResults {
  readonly #deps: ResultsDeps;
  readonly #kept: unknown[] = [];
  #unsent: unknown[] = [];
  #count = 0;

  constructor(deps: ResultsDeps) {
    this.#deps = deps;
  }

  /** Number of results of this shard. */
  get count(): number {
    return this.#count;
  }

  /** Results that `run()` resolves to, in order. */
  get kept(): unknown[] {
    return this.#kept;
  }

  /** Takes what came out of the last step. */
  take(records: readonly unknown[]): void {
    for (let from = 0; from < records.length; from += RESULT_BATCH) {
      const part = records.slice(from, from + RESULT_BATCH);
      this.#count += part.length;
      for (const record of part) {
        if (this.#deps.isInitiator) this.#kept.push(record);
        this.#unsent.push(record);
      }
      if (this.#unsent.length >= RESULT_BATCH) this.flush();
    }
  }

  /** Takes results of another shard. */
  takeRemote(records: Uint8Array): void {
    for (const record of decodeWire(records) as unknown[]) this.#kept.push(record);
  }

  /** Sends what waits. */
  flush(): void {
    if (this.#unsent.length === 0) return;
    const records = this.#unsent;
    this.#unsent = [];
    this.#send(records);
  }

  /** Sends records in messages of a bounded size; what cannot be sent becomes an error. */
  #send(records: readonly unknown[]): void {
    const { executionId, fail } = this.#deps;
    const bytes = encodeOrExplain(records);
    if (bytes instanceof Uint8Array && bytes.byteLength <= MESSAGE_BYTES) {
      return sendToRuntime({ type: "results", executionId, records: bytes });
    }
    if (records.length > 1) {
      const middle = records.length >> 1;
      this.#send(records.slice(0, middle));
      return this.#send(records.slice(middle));
    }
    if (bytes instanceof GearsError) return fail(bytes);
    if (bytes.byteLength > MAX_PAYLOAD_BYTES - MESSAGE_BYTES) {
      return fail(new GearsError(`Cannot send a result: it has ${bytes.byteLength} bytes`));
    }
    sendToRuntime({ type: "results", executionId, records: bytes });
  }
}

/** Records as bytes, or why they cannot be sent. */
function encodeOrExplain(records: readonly unknown[]): Uint8Array | GearsError {
  try {
    return encodeWire(records);
  } catch (error) {
    return explainUnencodable("Cannot send a result", error);
  }
}
