/**
 * Which events a command may cause: what a registration with `commands` fires on.
 *
 * A notification does not say which command caused it, so the events of the commands stand for them.
 *
 * Source: the commands of Redis 7.0 to 8.2.
 * Differs: RedisGears hooks the commands themselves, so that the same event of another command does
 * not fire.
 *
 * @module
 */

/** Commands by what they cause: `events: commands`. */
const TABLE = `
  set: SETNX GETSET MSET MSETNX BITOP
  set expire del: SET
  set expire: SETEX PSETEX
  setrange: SETRANGE
  append: APPEND
  incrby: INCR DECR INCRBY DECRBY
  incrbyfloat: INCRBYFLOAT
  setbit: SETBIT BITFIELD
  pfadd: PFADD PFMERGE
  del: DEL UNLINK GETDEL MIGRATE
  expire persist del: GETEX
  expire del: EXPIRE PEXPIRE EXPIREAT PEXPIREAT
  persist: PERSIST
  rename_from rename_to del: RENAME RENAMENX
  move_from move_to: MOVE
  copy_to del: COPY
  restore del: RESTORE RESTORE-ASKING
  sortstore del: SORT
  lpush: LPUSH LPUSHX
  rpush: RPUSH RPUSHX
  lpop del: LPOP BLPOP
  rpop del: RPOP BRPOP
  lpop rpop del: LMPOP BLMPOP
  rpop lpush del: RPOPLPUSH BRPOPLPUSH
  lpop rpop lpush rpush del: LMOVE BLMOVE
  linsert: LINSERT
  lset: LSET
  lrem del: LREM
  ltrim del: LTRIM
  sadd: SADD
  srem del: SREM
  spop del: SPOP
  srem sadd del: SMOVE
  sinterstore del: SINTERSTORE
  sunionstore del: SUNIONSTORE
  sdiffstore del: SDIFFSTORE
  hset: HSET HSETNX HMSET
  hset hexpire hdel: HSETEX
  hincrby: HINCRBY
  hincrbyfloat: HINCRBYFLOAT
  hdel del: HDEL HGETDEL
  hexpire hpersist hdel del: HGETEX
  hexpire hdel del: HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT
  hpersist: HPERSIST
  zadd zincr: ZADD GEOADD
  zincr: ZINCRBY
  zrem del: ZREM
  zremrangebyscore del: ZREMRANGEBYSCORE
  zremrangebyrank del: ZREMRANGEBYRANK
  zremrangebylex del: ZREMRANGEBYLEX
  zpopmin del: ZPOPMIN BZPOPMIN
  zpopmax del: ZPOPMAX BZPOPMAX
  zpopmin zpopmax del: ZMPOP BZMPOP
  zinterstore del: ZINTERSTORE
  zunionstore del: ZUNIONSTORE
  zdiffstore del: ZDIFFSTORE
  zrangestore del: ZRANGESTORE
  georadiusstore del: GEORADIUS GEORADIUSBYMEMBER
  geosearchstore del: GEOSEARCHSTORE
  xadd xtrim: XADD
  xtrim: XTRIM
  xdel: XDEL
  xsetid: XSETID
  xgroup-create xgroup-createconsumer xgroup-delconsumer xgroup-destroy xgroup-setid: XGROUP
  xgroup-createconsumer: XREADGROUP XCLAIM XAUTOCLAIM
  keymiss: GET MGET STRLEN GETRANGE SUBSTR GETBIT BITCOUNT BITPOS BITFIELD_RO LCS PFCOUNT EXISTS TYPE
  keymiss: TTL PTTL EXPIRETIME PEXPIRETIME TOUCH DUMP LLEN LINDEX LRANGE LPOS SCARD SISMEMBER
  keymiss: SMISMEMBER SMEMBERS SRANDMEMBER SINTER SUNION SDIFF SINTERCARD SSCAN HGET HMGET HGETALL
  keymiss: HEXISTS HKEYS HVALS HLEN HSTRLEN HRANDFIELD HSCAN ZCARD ZCOUNT ZLEXCOUNT ZSCORE ZMSCORE
  keymiss: ZRANGE ZRANGEBYSCORE ZRANGEBYLEX ZREVRANGE ZREVRANGEBYSCORE ZREVRANGEBYLEX ZRANK ZREVRANK
  keymiss: ZRANDMEMBER ZSCAN ZINTER ZUNION ZDIFF ZINTERCARD GEOPOS GEODIST GEOHASH GEOSEARCH
  keymiss: XLEN XRANGE XREVRANGE XREAD XPENDING
`;

const EVENTS_OF_COMMAND: ReadonlyMap<string, readonly string[]> = new Map(
  TABLE.trim().split("\n").flatMap((line) => {
    const [events, commands] = line.split(":");
    return commands.trim().toLowerCase().split(/\s+/)
      .map((command) => [command, events.trim().split(/\s+/)] as const);
  }),
);

/**
 * The events that a command may cause; undefined for a command that causes none, or is not known.
 * A module's command (`json.set`) causes the event of its own name.
 *
 * @param command Lower case.
 */
export function eventsOfCommand(command: string): readonly string[] | undefined {
  return EVENTS_OF_COMMAND.get(command) ?? (/^\w+\.\w+$/.test(command) ? [command] : undefined);
}
