/**
 * Sends the results of a worker shard to the initiator, in order.
 *
 * @module
 */

import type { Mesh, MeshChannel } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import { KIND } from "./protocol.ts";

/** Parts of a sender. */
export interface ResultSenderOptions {
  readonly mesh: Mesh;
  readonly initiator: string;
  readonly executionId: string;
  /** Greatest results that leave this shard, in bytes. */
  readonly resultBytes: number;
  /** Takes the reason why results cannot be sent. */
  onFailure(reason: PinionError): void;
}

/** One worker shard's results. The channel is opened with the first of them. */
export class ResultSender {
  readonly #options: ResultSenderOptions;
  #channel: MeshChannel | null = null;
  #sending: Promise<void> = Promise.resolve();
  #batches = 0;
  #bytes = 0;

  constructor(options: ResultSenderOptions) {
    this.#options = options;
  }

  /** Sends a batch behind those before it. */
  send(records: Uint8Array): void {
    const { executionId, initiator, mesh, onFailure, resultBytes } = this.#options;
    this.#bytes += records.byteLength;
    if (this.#bytes > resultBytes) return onFailure(toTooLarge(resultBytes));
    this.#batches++;
    const channel = this.#channel ??= mesh.open(initiator, KIND.results, { executionId });
    this.#sending = this.#sending.then(() => channel.send(records));
    this.#sending.catch((error) => onFailure(PinionError.from(error)));
  }

  /** Waits until all has arrived. @returns the number of batches @throws why it has not */
  async finish(): Promise<number> {
    await this.#sending;
    this.#channel?.end();
    await this.#channel?.closed;
    return this.#batches;
  }

  /** Gives up what has not arrived. */
  abort(reason: PinionError): void {
    this.#channel?.abort(reason);
  }
}

function toTooLarge(resultBytes: number): PinionError {
  return new PinionError(
    "LIMIT_RESULT",
    `The execution was stopped: the results of one shard are larger than ${resultBytes} bytes ` +
      "(resultBytes); aggregate them, or write them to Redis",
  );
}
