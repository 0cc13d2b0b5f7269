/**
 * Key events by keyspace notifications: a subscribed connection to the shard's master.
 *
 * ```text
 *   listen ──► desired patterns ──► PSUBSCRIBE, PUNSUBSCRIBE, PING n ──► pong n: ready
 *   lost link ──► connect, classes, PSUBSCRIBE again ──► a gap ends
 *   every second ──► classes still on? ──no──► put back, a gap
 * ```
 *
 * Best effort: Redis sends notifications once and to who is connected. Times without a connection,
 * or with classes switched off by others, are counted as gaps and logged.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../../../../errors.ts";
import { RedisLink } from "../../../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../../../redis/redis_url.ts";
import type { RespError } from "../../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../../redis/resp_encoder.ts";
import type { KeyName } from "../../../../contract/isolate/key_name.ts";
import { CHAIN_CHANNEL } from "../../../../contract/isolate/messages/chain_channel.ts";
import type { Chains } from "../../chains/chains.ts";
import { pauseAfter } from "../../../base/back_off.ts";
import { toGlob } from "../../source/covering_patterns.ts";
import { classesOf } from "./event_table.ts";
import type {
  KeyEventInterest,
  KeyEventListener,
  KeyEventSource,
  KeyEventSubscription,
} from "./key_event_source.ts";
import { ClassKeeper, type ClassKeeperDeps } from "./class_keeper.ts";
import { KeyListeners } from "./key_listeners.ts";
import type { KeySubscription } from "./key_subscription.ts";
import { channelOf } from "./notification_channel.ts";
import { NotificationParser } from "./notification_parser.ts";
import { SubscribedPatterns } from "./subscribed_patterns.ts";

/** Services that notifications use of their shard. */
export interface NotificationsDeps extends ClassKeeperDeps {
  /** Address of the master; the same object after a failover. */
  readonly address: RedisAddress;
  readonly chains: Chains;
}

/** Time between two looks at the setting, in milliseconds; also between two signs of life. */
const LOOK_MS = 1_000;
/** A link from which nothing comes for so long is taken for dead. */
const SILENT_MS = 5_000;
/** First and longest pause between two attempts to connect, in milliseconds. */
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;
/** Warning where the connection is lost. */
const LOST = "Key events are not taken now, those that happen meanwhile are lost";
/** Keys of Pinion's own, which fire nothing. */
const OWN_PREFIX = "__pinion:";

/** Takes key events from keyspace notifications. */
export class KeyspaceNotifications implements KeyEventSource {
  readonly description = "keyspace notifications (best effort)";
  readonly #deps: NotificationsDeps;
  readonly #channel: string;
  readonly #listeners = new KeyListeners();
  readonly #classes: ClassKeeper;
  /** Of the link as it is now. */
  #patterns = new SubscribedPatterns();
  #link: RedisLink | null = null;
  #linkedTo = "";
  #lastSign = 0;
  #change = 0;
  #isChanging = false;
  #outage: string | null = null;
  /** The task that holds the link, while somebody listens. */
  #running: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;

  constructor(deps: NotificationsDeps) {
    this.#deps = deps;
    this.#channel = channelOf(deps.address.db);
    this.#classes = new ClassKeeper(deps, LOOK_MS);
  }

  get outage(): string | null {
    return this.#outage;
  }

  async check({ events }: KeyEventInterest): Promise<void> {
    await this.#classes.ensure(classesOf(events));
  }

  listen(listener: KeyEventListener): KeyEventSubscription {
    const listening = this.#listeners.add(listener);
    this.#runIfNeeded();
    this.#changeSoon();
    return {
      ready: listening.ready,
      get gaps() {
        return listening.gaps.at(Date.now());
      },
      end: () => this.#end(listening),
    };
  }

  /** The master may be another one now: goes there. */
  follow(): void {
    if (this.#link !== null && this.#linkedTo !== nameOf(this.#deps.address)) this.#link.close();
  }

  async #end(listening: KeySubscription): Promise<void> {
    if (!this.#listeners.delete(listening)) return;
    listening.fail(new PinionError("SHUTTING_DOWN", "The registration ends"));
    if (this.#listeners.size > 0) return this.#changeSoon();
    this.#running?.abort.abort();
    this.#link?.close();
    await this.#running?.done;
  }

  #runIfNeeded(): void {
    if (this.#running !== null || this.#listeners.size === 0) return;
    const abort = new AbortController();
    const done = this.#run(abort.signal).then(() => {
      this.#running = null;
      this.#outage = null;
      this.#runIfNeeded();
    });
    this.#running = { abort, done };
  }

  /** Holds a link for as long as somebody listens. */
  async #run(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.#serve(signal, () => attempt = 0);
        throw new PinionError("REDIS_UNAVAILABLE", "Redis closed the connection");
      } catch (error) {
        if (signal.aborted) break;
        this.#lost(PinionError.from(error));
      }
      const pauseMs = pauseAfter(attempt + 1, { firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS });
      await delay(pauseMs, { signal }).catch(() => {}); // the loop ends by itself
    }
  }

  /** One connection, from its start to its end. */
  async #serve(signal: AbortSignal, onReady: () => void): Promise<void> {
    const { address } = this.#deps;
    using link = await RedisLink.connect(address, { name: "pinion-events", signal });
    this.#link = link;
    this.#linkedTo = nameOf(address);
    this.#lastSign = Date.now();
    this.#patterns = new SubscribedPatterns();
    this.#deps.chains.clearMarks();
    const parser = new NotificationParser(this.#channel.length, this);
    const timer = setInterval(() => void this.#look(link), LOOK_MS);
    try {
      await link.write(encode([["SUBSCRIBE", CHAIN_CHANNEL]]));
      await this.#ensureNeeded();
      this.#apply();
      for (let chunk = await link.read(); chunk !== null; chunk = await link.read()) {
        this.#lastSign = Date.now();
        parser.push(chunk);
        onReady();
      }
    } finally {
      clearInterval(timer);
      this.#link = null;
    }
  }

  #lost(error: PinionError): void {
    if (this.#outage === null) this.#deps.log("warning", `${LOST}: ${error.message}`);
    this.#outage = error.message;
    this.#listeners.openGap(Date.now());
    if (error.code === "REDIS_REFUSED") this.#listeners.fail(error);
  }

  #changeSoon(): void {
    if (this.#isChanging) return;
    this.#isChanging = true;
    queueMicrotask(async () => {
      try {
        if (this.#link !== null) await this.#ensureNeeded();
      } catch (error) {
        this.#listeners.fail(PinionError.from(error));
      }
      this.#isChanging = false;
      this.#apply();
    });
  }

  /** Asks for what is wanted and not asked for, then gives up what is not wanted. */
  #apply(): void {
    if (this.#link === null) return;
    const patterns = this.#listeners.patterns();
    const wanted = new Set(patterns.map((pattern) => toGlob(this.#channel, pattern)));
    const change = ++this.#change;
    this.#listeners.asked(change);
    const commands = [...this.#patterns.change(wanted), ["PING", String(change)]];
    // A link that breaks is noticed by its reader.
    this.#link.write(encode(commands)).catch(() => {});
  }

  onSubscribed(pattern: string): void {
    this.#patterns.onSubscribed(pattern);
  }

  onUnsubscribed(pattern: string): void {
    this.#patterns.onUnsubscribed(pattern);
  }

  onPong(token: string): void {
    const change = Number(token);
    this.#listeners.confirmed(change, Date.now());
    if (this.#outage !== null) this.#deps.log("notice", "Key events are taken again");
    this.#outage = null;
  }

  onError(error: RespError): void {
    throw toRefused(error);
  }

  onMessage(_channel: string, payload: KeyName): void {
    this.#deps.chains.mark(payload, Date.now());
  }

  onKeyEvent(pattern: string, key: KeyName, event: string): void {
    if (this.#patterns.isStale(pattern)) return;
    const name = typeof key === "string" ? key : new TextDecoder().decode(key);
    if (name.startsWith(OWN_PREFIX)) return;
    const depth = this.#deps.chains.depthOf(name);
    this.#listeners.tell(name, event, (listener) => listener.onKeyEvent(key, event, depth));
  }

  #ensureNeeded(): Promise<void> {
    return this.#classes.ensureNeeded(() => this.#listeners.classes());
  }

  /** Puts classes back that others have taken away; ends a link that says nothing any more. */
  async #look(link: RedisLink): Promise<void> {
    const now = Date.now();
    const isElsewhere = this.#linkedTo !== nameOf(this.#deps.address);
    if (isElsewhere || now - this.#lastSign > SILENT_MS) return link.close();
    link.write(encode([["PING", "0"]])).catch(() => {});
    try {
      const putBack = await this.#classes.putBack(this.#listeners.classes());
      if (putBack === null || this.#link !== link) return;
      const { added, lostMs } = putBack;
      this.#deps.log("warning", describePutBack(added, lostMs));
      this.#listeners.addGap(lostMs);
    } catch (error) {
      const reason = PinionError.from(error);
      // Where Redis is gone, the link ends, too.
      if (reason.code === "REDIS_REFUSED" && this.#link === link) {
        this.#lost(reason);
        link.close();
      }
    }
  }
}

function toRefused({ message }: RespError): PinionError {
  return new PinionError(
    "REDIS_REFUSED",
    `Cannot take key events: Redis refused to subscribe (${message}); the user of the ` +
      `runtime needs the rights +@pubsub and &__key*`,
  );
}

function describePutBack(classes: string, lostMs: number): string {
  return `Other software changed notify-keyspace-events: "${classes}" was put back; key events ` +
    `of up to ${lostMs} ms are lost`;
}

function nameOf({ host, port }: RedisAddress): string {
  return `${host} ${port}`;
}

function encode(commands: readonly (readonly string[])[]): Uint8Array {
  const encoder = new RespEncoder(1_024);
  for (const command of commands) encoder.command(command);
  return encoder.take();
}
