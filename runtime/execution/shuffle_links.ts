/**
 * Carries the batches of one execution's shuffles between this shard's isolate and the mesh.
 *
 * ```text
 *   isolate ── shuffle ──► channel per shuffle and target ┄┄► peer
 *           ◄── credit ──  when the channel has taken it
 *   isolate ◄── batch ───  channel per shuffle and source ◄┄┄ peer
 *           ── took ─────► the next one is read
 * ```
 *
 * At each hop at most a window of bytes is on its way, so memory is bounded and a slow stage holds
 * up those who send to it. What the isolate says is checked: it reaches the channels of its own
 * execution only, and cannot send or take more than it may.
 *
 * @module
 */

import type { IncomingChannel, Mesh, MeshChannel } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import type { Plan } from "../../contract/plan/plan.ts";
import { isShuffle } from "../../contract/plan/step_kinds.ts";
import { chargeOf, MAX_SHUFFLE_BYTES } from "../../contract/isolate/messages/message_limits.ts";
import type { IsolatePort } from "./part.ts";
import { KIND } from "./protocol.ts";

/** Parts of the links of one execution. */
export interface ShuffleLinksOptions {
  readonly executionId: string;
  readonly plan: Plan;
  /** Ids of all shards that take part, by their numbers. */
  readonly shards: readonly string[];
  readonly self: number;
  readonly initiator: number;
  readonly windowBytes: number;
  readonly mesh: Mesh;
  /** Called once when a link has failed. */
  readonly onFailure: (reason: PinionError) => void;
}

/** To one shard in one shuffle. */
interface Outgoing {
  readonly channel: MeshChannel;
  readonly waiting: Uint8Array[];
  /** Bytes that the isolate has sent and has no credit for again. */
  sentBytes: number;
  isPumping: boolean;
  isEnded: boolean;
}

/** From one shard in one shuffle. */
interface Incoming {
  readonly channel: IncomingChannel;
  /** Bytes that the isolate has got and not taken. */
  untakenBytes: number;
  wake: () => void;
}

/** Carries shuffle batches between the isolate and the mesh. */
export class ShuffleLinks {
  readonly #options: ShuffleLinksOptions;
  readonly #shuffles: readonly ("repartition" | "collect")[];
  readonly #outgoing = new Map<string, Outgoing>();
  readonly #incoming = new Map<string, Incoming>();
  readonly #ended = new Set<number>();
  #port: IsolatePort | null = null;
  #isClosed = false;

  constructor(options: ShuffleLinksOptions) {
    this.#options = options;
    this.#shuffles = options.plan.steps.filter(isShuffle).map(({ type }) => type);
  }

  /** The isolate has been told to start: it takes batches now. */
  begin(port: IsolatePort): void {
    this.#port = port;
    for (const [name, incoming] of this.#incoming) void this.#receive(name, incoming);
  }

  /** The isolate sends a batch. @throws TypeError where it may not */
  send(shuffle: number, target: number, records: Uint8Array): void {
    if (!this.#targets(shuffle).includes(target) || this.#ended.has(shuffle)) {
      throw new TypeError(`it may not send to shard ${target} in shuffle ${shuffle}`);
    }
    if (this.#isClosed) return;
    const outgoing = this.#open(shuffle, target);
    if (outgoing.sentBytes >= this.#options.windowBytes) {
      throw new TypeError("it sent more than it may");
    }
    outgoing.sentBytes += chargeOf(records);
    outgoing.waiting.push(records);
    if (!outgoing.isPumping) void this.#pump(outgoing, shuffle, target);
  }

  /** The isolate has sent everything. @throws TypeError where that cannot be */
  end(shuffle: number): void {
    const targets = this.#targets(shuffle);
    if (this.#ended.has(shuffle)) throw new TypeError(`shuffle ${shuffle} has ended before`);
    this.#ended.add(shuffle);
    if (this.#isClosed) return;
    for (const target of targets) {
      const outgoing = this.#open(shuffle, target);
      outgoing.isEnded = true;
      if (!outgoing.isPumping) outgoing.channel.end();
    }
  }

  /** The isolate took a batch. @throws TypeError where it had none */
  took(shuffle: number, source: number, bytes: number): void {
    if (this.#isClosed) return;
    const incoming = this.#incoming.get(nameOf(shuffle, source));
    if (incoming === undefined || bytes > incoming.untakenBytes) {
      throw new TypeError(`it took what shard ${source} has not sent in shuffle ${shuffle}`);
    }
    incoming.untakenBytes -= bytes;
    incoming.wake();
  }

  /** A peer has opened a channel. @throws PinionError where it may not */
  accept(from: string, shuffle: number, channel: IncomingChannel): void {
    const { shards, self, initiator } = this.#options;
    const source = shards.indexOf(from);
    const name = nameOf(shuffle, source);
    const isWanted = source >= 0 && source !== self && shuffle < this.#shuffles.length &&
      (this.#shuffles[shuffle] === "repartition" || self === initiator);
    if (this.#isClosed || !isWanted || this.#incoming.has(name)) {
      throw new PinionError("EXECUTION_ABORTED", "Nobody waits for this shuffle");
    }
    const incoming: Incoming = { channel, untakenBytes: 0, wake: () => {} };
    this.#incoming.set(name, incoming);
    if (this.#port !== null) void this.#receive(name, incoming);
  }

  /** Lets go of everything. What is under way fails on the other side where `reason` is given. */
  close(reason?: PinionError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const cause = reason ?? new PinionError("EXECUTION_ABORTED", "The execution is over");
    for (const { channel, waiting } of this.#outgoing.values()) {
      waiting.length = 0;
      if (reason !== undefined) channel.abort(cause);
    }
    for (const { channel, wake } of this.#incoming.values()) {
      channel.stop(cause);
      wake();
    }
  }

  /** The shards that records may go to. @throws TypeError for a shuffle that is none */
  #targets(shuffle: number): number[] {
    const { shards, self, initiator } = this.#options;
    const type = this.#shuffles[shuffle];
    if (type === undefined) throw new TypeError(`there is no shuffle ${shuffle}`);
    const all = type === "collect" ? [initiator] : [...shards.keys()];
    return all.filter((target) => target !== self);
  }

  #open(shuffle: number, target: number): Outgoing {
    const name = nameOf(shuffle, target);
    const known = this.#outgoing.get(name);
    if (known !== undefined) return known;
    const { mesh, shards, executionId } = this.#options;
    const channel = mesh.open(shards[target], KIND.shuffle, { executionId, shuffle });
    channel.closed.catch((error) => this.#fail(error));
    const outgoing = { channel, waiting: [], sentBytes: 0, isPumping: false, isEnded: false };
    this.#outgoing.set(name, outgoing);
    return outgoing;
  }

  async #pump(outgoing: Outgoing, shuffle: number, target: number): Promise<void> {
    outgoing.isPumping = true;
    try {
      for (let next = outgoing.waiting.shift(); next; next = outgoing.waiting.shift()) {
        const charge = chargeOf(next);
        const room = outgoing.channel.send(next);
        if (room !== undefined) await room;
        outgoing.sentBytes -= charge;
        this.#port?.credit(shuffle, target, charge);
      }
      if (outgoing.isEnded && !this.#isClosed) outgoing.channel.end();
    } catch (error) {
      this.#fail(error);
    }
    outgoing.isPumping = false;
  }

  async #receive(name: string, incoming: Incoming): Promise<void> {
    const [shuffle, source] = name.split(":").map(Number);
    const { windowBytes } = this.#options;
    try {
      for await (const records of incoming.channel) {
        if (this.#isClosed) return;
        if (records.byteLength > MAX_SHUFFLE_BYTES) throw new RangeError("a batch is too large");
        incoming.untakenBytes += chargeOf(records);
        this.#port!.batch(shuffle, source, records);
        while (incoming.untakenBytes >= windowBytes && !this.#isClosed) {
          await new Promise<void>((resolve) => incoming.wake = resolve);
        }
      }
      if (!this.#isClosed) this.#port!.batchEnd(shuffle, source);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!this.#isClosed) this.#options.onFailure(PinionError.from(error));
  }
}

function nameOf(shuffle: number, shard: number): string {
  return `${shuffle}:${shard}`;
}
