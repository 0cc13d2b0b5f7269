/**
 * The sandbox's links to the servers of the cluster: each command goes to the one that owns its
 * key.
 *
 * Without a cluster, and for commands without a key, that is the shard's own. A server that sends a
 * command elsewhere (MOVED, ASK) or asks to come back (TRYAGAIN) is obeyed; commands that one
 * server answers so in one go keep their order.
 *
 * @module
 */

import { firstKey } from "../../../redis/command_keys.ts";
import { keySlot, SLOT_COUNT } from "../../../redis/slots.ts";
import type { CommandArgument, Reply } from "../../../sdk/host.ts";
import type { LinkNumber, OwnedSlots } from "../../../contract/isolate/worker_border.ts";
import { CommandLink, type Waiter } from "./command_link.ts";
import { ChainMarks } from "./chain_marks.ts";
import { findExecution } from "../base/execution_scope.ts";

/** Number of times that a command is sent again before its error is the answer. */
const MAX_REDIRECTIONS = 16;
/** A command that comes back to the same servers waits so long, in milliseconds, in between. */
const PAUSE_MS = 50;
/** Redirections that are followed at once. */
const PROMPT_REDIRECTIONS = 2;

const wait = setTimeout;

/** Sends each command to the server that owns its key. */
export class ShardLinks {
  /** Marks of the keys that executions of events write. */
  readonly marks = new ChainMarks();
  /** True if the last command that `execute` took went to the shard's own server. */
  lastWasOwn = true;
  readonly #links = new Map<LinkNumber, CommandLink>();
  /** Server by slot; null without a cluster. */
  #owners: Uint16Array | null = null;
  #own = 0;
  #servers: readonly string[] = [];
  /** Commands that wait to be sent again. */
  #paused = 0;
  #onResumed: (() => void)[] = [];

  /** Takes who owns the slots now. */
  setSlots({ own, servers, ranges }: OwnedSlots): void {
    const owners = new Uint16Array(SLOT_COUNT).fill(own);
    for (const [first, last, server] of ranges) owners.fill(server, first, last + 1);
    this.#owners = owners;
    this.#own = own;
    this.#servers = servers;
  }

  /** The link for `execute`, or the one that watches keys, to the server that owns a key. */
  linkOf(key: string | Uint8Array | undefined, use: "execute" | "watch"): CommandLink {
    const server = key === undefined ? this.#own : this.#owners?.[keySlot(key)] ?? this.#own;
    return this.link(2 * server + (use === "watch" ? 1 : 0));
  }

  /** A link by its number. */
  link(number: LinkNumber): CommandLink {
    let link = this.#links.get(number);
    if (link === undefined) {
      link = new CommandLink(number);
      this.#links.set(number, link);
    }
    return link;
  }

  /** Sends one command. Rejects with a RedisError. @throws GearsError if too many wait already */
  execute(command: string, args: readonly CommandArgument[]): Promise<Reply> {
    if (this.#owners === null) {
      const link = this.link(0);
      const onReply = this.marks.before(link, command, args);
      return link.execute(command, args, onReply === undefined ? undefined : { onReply });
    }
    const link = this.linkOf(firstKey(command, args), "execute");
    this.lastWasOwn = link === this.linkOf(undefined, "execute");
    if (!this.lastWasOwn) findExecution()?.countForwarded();
    let redirections = 0;
    const redirect = (waiter: Waiter, message: string) => {
      if (redirections++ === MAX_REDIRECTIONS) return false;
      const isPrompt = redirections <= PROMPT_REDIRECTIONS;
      return this.#redirect(message, { command, args, waiter, isPrompt });
    };
    return link.execute(command, args, {
      redirect,
      onReply: this.marks.before(link, command, args),
    });
  }

  /**
   * Learns from an error of a server.
   *
   * @returns The link to try next, and whether it has to be asked to; null where trying again is of
   * no use.
   */
  follow(message: string): { readonly link: CommandLink | null; readonly asking: boolean } | null {
    if (message.startsWith("TRYAGAIN ")) return { link: null, asking: false };
    const [kind, slot, address] = message.split(" ");
    if (kind !== "MOVED" && kind !== "ASK") return null;
    const server = this.#servers.indexOf(address);
    // A server that is not known yet is before long: the runtime follows the topology, too.
    if (server < 0) return { link: null, asking: false };
    if (kind === "MOVED" && this.#owners !== null) this.#owners[Number(slot)] = server;
    return { link: this.link(2 * server), asking: kind === "ASK" };
  }

  /** Number of commands that were given so far. */
  get given(): number {
    let given = 0;
    for (const link of this.#links.values()) given += link.given;
    return given;
  }

  /** Resolves when every command given so far has its reply. */
  async answered(): Promise<void> {
    for (const link of [...this.#links.values()]) await link.answered();
    while (this.#paused > 0) await new Promise<void>((resolve) => this.#onResumed.push(resolve));
  }

  #redirect(
    message: string,
    { command, args, waiter, isPrompt }: {
      readonly command: string;
      readonly args: readonly CommandArgument[];
      readonly waiter: Waiter;
      readonly isPrompt: boolean;
    },
  ): boolean {
    const next = this.follow(message);
    if (next === null) return this.#explain(message, waiter);
    const { link, asking } = next;
    if (link !== null && isPrompt) {
      if (asking) link.give("ASKING", [], IGNORED);
      link.give(command, args, waiter);
      return true;
    }
    this.#paused++;
    wait(() => {
      this.#paused--;
      this.linkOf(firstKey(command, args), "execute").give(command, args, waiter);
      for (const resolve of this.#onResumed.splice(0)) resolve();
    }, PAUSE_MS);
    return true;
  }

  #explain(message: string, waiter: Waiter): boolean {
    const explained = explainCrossSlot(message);
    if (explained === message) return false;
    waiter.reject(explained);
    return true;
  }
}

const IGNORED: Waiter = { resolve() {}, reject() {} };

/** Explains CROSSSLOT to an author. */
export function explainCrossSlot(message: string): string {
  if (!message.startsWith("CROSSSLOT ")) return message;
  return `${message}; all keys of one command or atomic block must be in one slot: give them the ` +
    "same hash tag, such as {user:1}:name and {user:1}:mail";
}
