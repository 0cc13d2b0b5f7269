/**
 * What is known of one client's connection: the part of Redis' own view of it that decides how a
 * command of ours is answered.
 *
 * @module
 */

import { TYPE } from "../../../redis/resp_frame.ts";

/** Protocol version of the replies. */
export type RespProtocol = 2 | 3;

/** What the reply to a command tells. `drop`: the client asked for no reply to it. */
export type ReplyNote = "hello" | "multi" | "exec" | "discard" | "reset" | "monitor" | "drop";

/** The state of a new connection, changed as Redis confirms the client's commands. */
export class ClientState {
  /** What HELLO agreed on. */
  protocol: RespProtocol = 2;
  /** Between MULTI and EXEC or DISCARD. */
  isInMulti = false;
  /** A SUBSCRIBE waits in the transaction: after EXEC, messages may come. */
  isSubscribeQueued = false;
  /** CLIENT REPLY OFF is in force. */
  isReplyOff = false;
  /** CLIENT REPLY SKIP: the next command goes unanswered. */
  isReplySkipped = false;

  /**
   * Learns from the reply to a noted command, of which the first byte tells enough. An EXEC ends the
   * transaction, whatever it is answered.
   *
   * @returns what the connection turned into, if it did
   */
  learn(note: ReplyNote, type: number): "piping" | "opaque" | undefined {
    const isDone = type === TYPE.simple;
    switch (note) {
      case "hello":
        if (type === TYPE.map) this.protocol = 3;
        else if (type === TYPE.array) this.protocol = 2;
        return;
      case "multi":
        if (isDone) this.isInMulti = true;
        return;
      case "discard":
        if (isDone) this.#endMulti();
        return;
      case "exec": {
        const hasSubscribed = this.isSubscribeQueued && type !== TYPE.error;
        this.#endMulti();
        return hasSubscribed ? "piping" : undefined;
      }
      case "reset":
        if (isDone) this.reset();
        return;
      case "monitor":
        return isDone && !this.isInMulti ? "opaque" : undefined;
      case "drop":
        return;
      default:
        note satisfies never;
    }
  }

  /** RESET: as on a new connection. */
  reset(): void {
    this.protocol = 2;
    this.isReplyOff = false;
    this.isReplySkipped = false;
    this.#endMulti();
  }

  #endMulti(): void {
    this.isInMulti = false;
    this.isSubscribeQueued = false;
  }
}
