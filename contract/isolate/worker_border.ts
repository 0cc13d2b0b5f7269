/**
 * Messages inside the child, between its host thread and the sandbox's worker: by `postMessage`,
 * bytes transferred.
 *
 * @module
 */

/** Types that a page's segment may have; `keys` are keys without values. */
export type SegmentType =
  | "keys"
  | "string"
  | "list"
  | "hash"
  | "set"
  | "zset"
  | "stream"
  | "module"
  | "empty"
  | "entries";

/** Keys of one type with their values, as raw RESP. */
export interface PageSegment {
  readonly type: SegmentType;
  readonly count: number;
  /** `count` bulk strings, one after the other. */
  readonly keys: Uint8Array<ArrayBuffer>;
  /** `count` replies in the order of the keys; for `string`, one array that holds them. */
  readonly values: Uint8Array<ArrayBuffer> | null;
  /** Position of each key among those that were asked for; absent where the order is the same. */
  readonly places?: readonly number[];
}

/** A request of a reader to the host thread: a reader spec without callbacks. */
export type ReadRequest =
  | {
    readonly kind: "keys";
    readonly pattern: string;
    readonly count: number;
    readonly noScan: boolean;
    readonly readValue: boolean;
    /** `noScan` of a key that is not there: an `empty` record, or none. */
    readonly emptyRecord: boolean;
    /** In a run over a cluster: the slots that this shard answers for, also if they move away. */
    readonly slots?: readonly (readonly [first: number, last: number])[];
  }
  | { readonly kind: "stream"; readonly key: string; readonly fromId: string };

/** From the worker to the host thread. */
export type ToHostThread =
  /** The worker compiles the sandbox; the host thread's first look at a message falls into that. */
  | { readonly type: "booted" }
  | { readonly type: "ready" }
  /** The sandbox cannot speak to the runtime any more. */
  | { readonly type: "broken" }
  | { readonly type: "up"; readonly bytes: Uint8Array }
  /**
   * Encoded commands for one of the session's links, as it was before it broke for the next time.
   */
  | {
    readonly type: "commands";
    readonly link: LinkNumber;
    readonly generation: number;
    readonly bytes: Uint8Array;
  }
  | { readonly type: "open"; readonly id: number; readonly request: ReadRequest }
  /** Keys of events, `count` bulk strings: their types, and their values where wanted. */
  | {
    readonly type: "readKeys";
    readonly id: number;
    readonly keys: Uint8Array<ArrayBuffer>;
    readonly count: number;
    readonly readValue: boolean;
  }
  /** The reader may send one page more. */
  | { readonly type: "credit"; readonly id: number }
  | { readonly type: "close"; readonly id: number };

/** From the host thread to the worker. */
export type ToWorkerThread =
  | { readonly type: "down"; readonly bytes: Uint8Array }
  /** Raw bytes of replies, as they came. */
  | { readonly type: "replies"; readonly link: LinkNumber; readonly bytes: Uint8Array }
  | { readonly type: "slots"; readonly slots: OwnedSlots }
  /** The link broke: every command without a reply has failed. */
  | { readonly type: "linkDown"; readonly link: LinkNumber; readonly message: string }
  | {
    readonly type: "page";
    readonly id: number;
    readonly segments: readonly PageSegment[];
    /** Number of keys that have been looked at so far, and how many there are: estimates. */
    readonly scanned: number;
    readonly expected: number;
  }
  | { readonly type: "end"; readonly id: number; readonly error?: string }
  /** Those that are there of the keys that were asked for, without their names; or why none. */
  | {
    readonly type: "keysRead";
    readonly id: number;
    readonly segments: readonly PageSegment[];
    readonly error?: string;
  };

/**
 * Twice the number of a server, for `execute`; one more for the link that one `atomic` block with
 * watched keys at a time holds. Server 0 is the one that the session began with, others are those
 * of the `slots` message.
 */
export type LinkNumber = number;

/** Which server owns which slots, by the numbers of the servers. */
export interface OwnedSlots {
  /** Master of the own shard. */
  readonly own: number;
  /** `HOST:PORT` by number; a number is for the same server for good. */
  readonly servers: readonly string[];
  readonly ranges: readonly (readonly [first: number, last: number, server: number])[];
}
