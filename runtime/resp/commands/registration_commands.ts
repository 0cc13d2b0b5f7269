/**
 * The commands that show, pause and end registrations.
 *
 * Source: RedisGears 1.2 (reference 1.3).
 * Differs: all kinds of registrations can be paused, several at once; RG.UNREGISTER answers when every
 * linked shard has done it.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { type CommandCall, REPLY_OK } from "./command.ts";
import { formatRegistrations } from "../replies/format_registrations.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/** What may stand behind the id of RG.UNREGISTER and behind those of RG.PAUSEREGISTRATIONS. */
const ABORT_PENDING = "ABORTPENDING";

/** RG.DUMPREGISTRATIONS. */
export function dumpRegistrations({ engine }: CommandCall): WriteReply {
  return formatRegistrations(engine.listRegistrations(), engine.listSessions());
}

/** RG.UNREGISTER. */
export async function unregister({ engine, args: [id, option] }: CommandCall): Promise<WriteReply> {
  await engine.unregister(id, { abortPending: option?.toUpperCase() === ABORT_PENDING });
  return REPLY_OK;
}

/** RG.PAUSEREGISTRATIONS. */
export async function pauseRegistrations({ engine, args }: CommandCall): Promise<WriteReply> {
  const ids = args.filter((arg) => arg.toUpperCase() !== ABORT_PENDING);
  if (ids.length === 0) throw new PinionError("BAD_ARGUMENT", "no registration to pause");
  await naming(ids, engine, () => engine.pauseRegistrations(ids, "pause"));
  return REPLY_OK;
}

/** RG.UNPAUSEREGISTRATIONS. */
export async function unpauseRegistrations(
  { engine, args: ids }: CommandCall,
): Promise<WriteReply> {
  await naming(ids, engine, () => engine.resumeRegistrations(ids));
  return REPLY_OK;
}

/** RG.CLEARREGISTRATIONSSTATS. */
export async function clearRegistrationsStats({ engine }: CommandCall): Promise<WriteReply> {
  await engine.clearRegistrationStatistics();
  return REPLY_OK;
}

/** Says which of several there is not, in RedisGears' words. */
async function naming(
  ids: readonly string[],
  engine: CommandCall["engine"],
  change: () => Promise<void>,
): Promise<void> {
  const known = new Set(engine.listRegistrations().map(({ id }) => id));
  const missing = ids.find((id) => !known.has(id));
  if (missing === undefined) return await change();
  const { myId } = engine.clusterInfo();
  throw new PinionError(
    "NO_REGISTRATION",
    `Execution ${missing} does not exists on shard ${myId}`,
  );
}
