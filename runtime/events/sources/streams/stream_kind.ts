/**
 * StreamReader in the table of sources.
 *
 * @module
 */

import type { StreamTrigger } from "../../../../contract/plan/registration.ts";
import type { Coordinator } from "../../../../coordinator/coordinator.ts";
import type { ShardRedis } from "../../../base/shard_redis.ts";
import { DeadLetters } from "../../dead_letters/dead_letters.ts";
import { chainEnder, deathReporter } from "../../dead_letters/report_failures.ts";
import { burier } from "../../dead_letters/dead_letter_sink.ts";
import type { SourceKind, TriggerServices } from "../../source/source_kind.ts";
import { requireRights, streamCommands } from "../user_rights.ts";
import { StreamHub } from "./stream_hub.ts";
import { StreamSource } from "./stream_source.ts";

/** See the module. */
export function streamKind(services: TriggerServices): SourceKind {
  const { redis, coordinator, logs, chains, owned } = services;
  const hub = owned.use(
    new StreamHub({ address: redis.address, isClustered: redis.isClusterMode, logs }),
  );
  const letters = new DeadLetters(redis);
  return {
    async check({ trigger }, { redisUser }) {
      if (redisUser === undefined) return;
      const { prefix } = trigger as StreamTrigger;
      await requireRights(redis.address, redisUser, { prefix, commandsOn: streamCommands });
    },
    open: (place) => {
      const { id, plan } = place.registration;
      return new StreamSource({
        ...{ id, plan, hub, logs, chains, runner: place.runner },
        streams: hub.streamsOf(place.redisUser),
        onChain: chainEnder(place, logs),
        onDeath: deathReporter(place, logs),
        bury: burier(place, letters, coordinator),
        ...beginnings(id, redis, coordinator),
      });
    },
  };
}

/** Whether a registration has taken events on this shard: kept where the data are. */
function beginnings(id: string, redis: ShardRedis, coordinator: Coordinator) {
  const key = () => `__pinion:{${coordinator.hashtag()}}:begun`;
  return {
    hasBegun: async () => await redis.client.hexists(key(), id) === 1,
    setBegun: async (hasBegun: boolean) => {
      if (hasBegun) await redis.client.hset(key(), id, 1);
      else await redis.client.hdel(key(), id);
    },
  };
}
