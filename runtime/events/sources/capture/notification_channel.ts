/**
 * Names of channels.
 *
 * @module
 */

/** What the channel of a key begins with; the key follows. */
export function channelOf(db: number): string {
  return `__keyspace@${db}__:`;
}
