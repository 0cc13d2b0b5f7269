/**
 * RG.CONFIGGET and RG.CONFIGSET.
 *
 * Source: RedisGears 1.2 (reference 1.4).
 *
 * @module
 */

import type { CommandCall } from "./command.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/** RG.CONFIGGET: one item per key, an error for an unknown one. */
export function configGet({ engine, args }: CommandCall): WriteReply {
  const values = args.map((key) => engine.config.get(key));
  return (reply) => {
    reply.array(values.length);
    for (const [index, value] of values.entries()) {
      if (value === undefined) reply.error(`(error) Unsupported config parameter: ${args[index]}`);
      else if (typeof value === "number") reply.integer(value);
      else reply.bulk(value);
    }
  };
}

/** RG.CONFIGSET: one item per key, in pairs of key and value. */
export function configSet({ engine, args }: CommandCall): WriteReply {
  const keys = args.filter((_arg, index) => index % 2 === 0);
  const outcomes = keys.map((key, index) => engine.config.set(key, args[index * 2 + 1]));
  return (reply) => {
    reply.array(outcomes.length);
    for (const outcome of outcomes) {
      switch (outcome.kind) {
        case "ok":
          reply.simple("OK");
          break;
        case "extra":
          reply.simple("OK - value was saved in extra config dictionary");
          break;
        case "error":
          reply.error(`(error) ${outcome.message}`);
          break;
        default:
          outcome satisfies never;
      }
    }
  };
}
