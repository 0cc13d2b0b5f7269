/**
 * Lets a few operations of `crypto.subtle` run at a time.
 *
 * Each has a thread of its own otherwise: dozens of key derivations would take the processors from
 * every other process of the machine.
 *
 * @module
 */

/** Operations that run at a time. */
const MAX_RUNNING = 2;
const METHODS = [
  "decrypt",
  "deriveBits",
  "deriveKey",
  "digest",
  "encrypt",
  "exportKey",
  "generateKey",
  "importKey",
  "sign",
  "unwrapKey",
  "verify",
  "wrapKey",
] as const;

/** An operation that waits for its turn. */
interface Waiter {
  readonly begin: () => void;
  next: Waiter | null;
}

const makePair = Promise.withResolvers.bind(Promise) as () => PromiseWithResolvers<void>;
const apply = Reflect.apply;

/** Puts the gate in front of every operation. What it replaces is out of the author's reach. */
export function limitCrypto(): void {
  let running = 0;
  let first: Waiter | null = null;
  let last: Waiter | null = null;
  const enter = async () => {
    if (running++ < MAX_RUNNING) return;
    const { promise, resolve } = makePair();
    const waiter: Waiter = { begin: resolve, next: null };
    if (last === null) first = waiter;
    else last.next = waiter;
    last = waiter;
    await promise;
  };
  const leave = () => {
    running--;
    const waiter = first;
    if (waiter === null) return;
    first = waiter.next;
    if (first === null) last = null;
    waiter.begin();
  };
  for (const name of METHODS) {
    const method = SubtleCrypto.prototype[name] as (...args: unknown[]) => Promise<unknown>;
    const value = async function (this: SubtleCrypto, ...args: unknown[]): Promise<unknown> {
      await enter();
      try {
        return await apply(method, this, args);
      } finally {
        leave();
      }
    };
    Object.defineProperty(SubtleCrypto.prototype, name, { value, configurable: true });
  }
}
