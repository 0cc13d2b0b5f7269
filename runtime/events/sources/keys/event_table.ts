/**
 * Names of key events, and the class of notifications that each belongs to.
 *
 * Source: `notify-keyspace-events` of Redis 7.0 to 8.2 and Valkey 8.
 *
 * @module
 */

/** Classes that `A` stands for, in the order in which Redis writes them. */
export const ALL_CLASSES = "g$lshzxetd";

/** Events that fire only a registration that names them, by their classes, which `A` lacks. */
export const OPT_IN_EVENTS: ReadonlyMap<string, string> = new Map([
  ["keymiss", "m"],
  ["new", "n"],
  ["overwritten", "o"],
  ["type_changed", "c"],
]);

const EVENTS_OF_CLASS: Readonly<Record<string, string>> = {
  g: "del expire persist rename_from rename_to move_from move_to copy_to restore",
  $: "set setrange incrby incrbyfloat append setbit pfadd",
  l: "lpush rpush lpop rpop linsert lset lrem ltrim sortstore",
  s: "sadd srem spop sinterstore sunionstore sdiffstore",
  h: "hset hincrby hincrbyfloat hdel hexpire hexpired hpersist",
  z: "zadd zincr zrem zremrangebyscore zremrangebyrank zremrangebylex zpopmin zpopmax zinterstore " +
    "zunionstore zdiffstore zrangestore georadiusstore geosearchstore",
  x: "expired",
  e: "evicted",
  t: "xadd xtrim xdel xsetid xgroup-create xgroup-createconsumer xgroup-delconsumer " +
    "xgroup-destroy xgroup-setid",
};

const CLASS_OF_EVENT: ReadonlyMap<string, string> = new Map([
  ...Object.entries(EVENTS_OF_CLASS).flatMap(([name, events]) =>
    events.split(" ").map((event) => [event, name] as const)
  ),
  ...OPT_IN_EVENTS,
]);

/**
 * The classes that have to be on for these events: letters of `notify-keyspace-events`. An event
 * that is not known may be a module's, or of a later server: all of `A` then.
 *
 * @param events Null for all but those that have to be named.
 */
export function classesOf(events: ReadonlySet<string> | null): string {
  if (events === null) return ALL_CLASSES;
  const classes = new Set<string>();
  for (const event of events) {
    for (const name of CLASS_OF_EVENT.get(event) ?? ALL_CLASSES) classes.add(name);
  }
  return [...classes].join("");
}
