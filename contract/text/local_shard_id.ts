/**
 * The id of a shard without a cluster.
 *
 * Source: RedisGears 1.2, which names it so in ids of executions and registrations.
 *
 * @module
 */

/** 40 zeros, as long as the id of a node in a cluster. */
export const LOCAL_SHARD_ID = "0".repeat(40);
