/**
 * The keys of RG.CONFIGGET and RG.CONFIGSET.
 *
 * @module
 */

/** What became of one key of RG.CONFIGSET. */
export type ConfigSetOutcome =
  | { readonly kind: "ok" }
  /** The key is the user's own; it was saved for `configGet`. */
  | { readonly kind: "extra" }
  | { readonly kind: "error"; readonly message: string };

interface ConfigKey {
  readonly name: string;
  readonly initial: number;
  /** Smallest value allowed. */
  readonly min: number;
  readonly settable: boolean;
}

/** One row per key of the reference (4.9) that has a meaning here. */
const CONFIG_KEYS: readonly ConfigKey[] = [
  { name: "MaxExecutions", initial: 1000, min: Number.MIN_SAFE_INTEGER, settable: true },
  {
    name: "MaxExecutionsPerRegistration",
    initial: 100,
    min: Number.MIN_SAFE_INTEGER,
    settable: true,
  },
  { name: "ProfileExecutions", initial: 0, min: 0, settable: true },
  { name: "ExecutionThreads", initial: 1, min: 1, settable: false },
  { name: "ExecutionMaxIdleTime", initial: 5000, min: 1, settable: true },
  { name: "SendMsgRetries", initial: 3, min: 0, settable: true },
];

/** Names of the keys that have a number for a value. */
export type NumericConfigKey =
  | "MaxExecutions"
  | "MaxExecutionsPerRegistration"
  | "ProfileExecutions"
  | "ExecutionThreads"
  | "ExecutionMaxIdleTime"
  | "SendMsgRetries";

/**
 * The values in force on this shard. Built-in keys hold integers; any other key is the user's own
 * and holds text, which `configGet` of the SDK reads.
 *
 * Source: RedisGears 1.2 configuration (reference 1.4, 4.9).
 */
export class ConfigStore {
  /** Called after one of the user's own keys was set. */
  onExtra: () => void = () => {};
  readonly #values = new Map<string, number>(CONFIG_KEYS.map((key) => [key.name, key.initial]));
  readonly #extra = new Map<string, string>();

  /** The value of a built-in key. */
  number(name: NumericConfigKey): number {
    return this.#values.get(name)!;
  }

  /** RG.CONFIGGET of one key: names are case-sensitive; undefined if nobody set it. */
  get(name: string): number | string | undefined {
    return this.#values.get(name) ?? this.#extra.get(name);
  }

  /** What `configGet` of the SDK sees: the user's own keys only. */
  extra(): Record<string, string> {
    return Object.fromEntries(this.#extra);
  }

  /** RG.CONFIGSET of one key; `value` undefined means that it was left out. */
  set(name: string, value: string | undefined): ConfigSetOutcome {
    if (value === undefined) return { kind: "error", message: `Value was not given to ${name}` };
    const key = CONFIG_KEYS.find((row) => row.name.toLowerCase() === name.toLowerCase());
    if (key === undefined) {
      this.#extra.set(name, value);
      this.onExtra();
      return { kind: "extra" };
    }
    if (!key.settable) {
      return { kind: "error", message: `Config value ${name} not modifiable at runtime` };
    }
    const number = /^-?\d+$/.test(value) ? Number(value) : NaN;
    if (!Number.isSafeInteger(number) || number < key.min) {
      return { kind: "error", message: `Failed setting config value ${name}` };
    }
    this.#values.set(key.name, number);
    return { kind: "ok" };
  }
}
