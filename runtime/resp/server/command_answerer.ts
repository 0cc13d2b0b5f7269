/**
 * Answers one client's commands of ours: waits for their turn, makes sure of the client's rights,
 * runs them and writes what came of them.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { findCommand } from "../commands/command_table.ts";
import { resolveCommand, reword, runCommand } from "../commands/run_command.ts";
import type { TurnGate } from "../proxy/turn_gate.ts";
import type { ClientState } from "../replies/client_state.ts";
import { formatError } from "../replies/format_error.ts";
import { ReplyWriter, type WriteReply } from "../replies/reply_writer.ts";
import type { ClientSink } from "../requests/client_sink.ts";
import type { GearsRequest } from "../requests/gears_request.ts";
import type { DepartureWatch } from "./departure_watch.ts";

/** Parts that commands of ours are answered with. */
export interface CommandAnswererDeps {
  readonly engine: Engine;
  readonly gate: TurnGate;
  readonly sink: ClientSink;
  readonly departure: DepartureWatch;
  /** Gives the state of the client's connection now. */
  readonly state: () => ClientState;
  /** Greatest reply, in bytes. */
  readonly maxReplyBytes: number;
  /** Told what failed that was not foreseen. */
  readonly log: (message: string, failure: unknown) => void;
}

/** Announced length from which a command of ours is not collected without rights. */
const EARLY_CHECK_BYTES = 64 * 1024;
const decoder = new TextDecoder();

/** Runs the commands of ours that one client sends, one at a time. */
export class CommandAnswerer {
  readonly #deps: CommandAnswererDeps;
  /** Services that commands are run with. */
  readonly #calls: { readonly engine: Engine; readonly signal: AbortSignal };
  /** The last command whose client was found to have the rights before it was complete. */
  #admitted: GearsRequest | undefined;
  #isCalling = false;

  /** Answers to one client. */
  constructor(deps: CommandAnswererDeps) {
    this.#deps = deps;
    this.#calls = { engine: deps.engine, signal: deps.departure.signal };
  }

  /** Tells whether a command is being run. */
  get isCalling(): boolean {
    return this.#isCalling;
  }

  /** Nobody gets to fill our memory with a long script before it is known that he may run it. */
  async admitEarly(request: GearsRequest | undefined): Promise<void> {
    if (request === undefined || request === this.#admitted) return;
    if (request.totalBytes < EARLY_CHECK_BYTES) return;
    this.#admitted = request;
    const { gate, departure } = this.#deps;
    try {
      await departure.during(gate.take("rg.*"));
      await departure.during(gate.admit("redis"));
    } catch (error) {
      request.refuse(PinionError.from(error));
    }
  }

  /**
   * Runs a command when its turn has come, and sends what came of it.
   *
   * @param refusal Why it is not to be run.
   */
  async answer(args: readonly Uint8Array[], refusal?: PinionError): Promise<void> {
    const { gate, departure, log } = this.#deps;
    let reply: Uint8Array;
    try {
      if (!gate.isFree) await this.#takeTurn(args);
      if (refusal !== undefined) throw refusal;
      const row = resolveCommand(args);
      if (!gate.isAdmitted(row.access)) await departure.during(gate.admit(row.access));
      this.#isCalling = true;
      departure.begin();
      try {
        const written = runCommand(row, args, this.#calls);
        reply = this.#encode(written instanceof Promise ? await written : written);
      } catch (error) {
        throw reword(row, error);
      } finally {
        this.#isCalling = false;
        departure.end();
      }
    } catch (error) {
      if (PinionError.from(error).code === "INTERNAL") log("A RESP command failed", error);
      reply = this.#encode((writer) => writer.error(formatError(error)));
    }
    const state = this.#deps.state();
    if (state.isReplySkipped) state.isReplySkipped = false;
    else if (!state.isReplyOff) await this.#deps.sink.reply(reply);
  }

  /** Tells the client of an error that belongs to no command. */
  async tell(error: unknown): Promise<void> {
    await this.#deps.sink.reply(this.#encode((writer) => writer.error(formatError(error))));
  }

  #encode(write: WriteReply): Uint8Array {
    const writer = new ReplyWriter(this.#deps.state().protocol, this.#deps.maxReplyBytes);
    write(writer);
    return writer.finish();
  }

  /** Waits until a command may begin. @throws {PinionError} why it may not */
  async #takeTurn([name]: readonly Uint8Array[]): Promise<void> {
    const text = name === undefined ? "rg.*" : decoder.decode(name);
    try {
      await this.#deps.departure.during(this.#deps.gate.take(text));
    } catch (error) {
      throw reword(findCommand(text), error);
    }
  }
}
