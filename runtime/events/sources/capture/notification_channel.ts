/**
 * Names of channels.
 *
 * @module
 */

/** Prefix of the channels of keys; the key follows. */
export function channelOf(db: number): string {
  return `__keyspace@${db}__:`;
}
