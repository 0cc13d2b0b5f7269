/**
 * `notify-keyspace-events` of the shard's Redis: adds the classes that registrations need, and takes
 * none away, as other software may need others.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import { ALL_CLASSES } from "../keys/event_table.ts";

/** Runs commands on the shard's master: a client of ioredis is one. */
export interface RedisControl {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** What a look at the setting found. */
export interface ClassesFound {
  /** Classes that were missing and have been added. */
  readonly added: string;
  /** Whether the setting could be read; where not, what comes of events of a test key said it. */
  readonly isReadable: boolean;
}

/** Tells by trial which classes are on, where the setting may not be read. */
export type ClassProbe = () => Promise<ReadonlySet<string>>;

const SETTING = "notify-keyspace-events";
/** Classes that no trial can show: an eviction, and events of modules. */
const UNSEEN = "ed";

/**
 * Makes sure that the classes are on, with `K`, which sends them to channels by key.
 *
 * @throws `REDIS_REFUSED` where they are not and cannot be set, `REDIS_UNAVAILABLE`
 */
export async function ensureClasses(
  needed: string,
  redis: RedisControl,
  probe: ClassProbe,
): Promise<ClassesFound> {
  const current = await readSetting(redis);
  if (current === null) return await checkByTrial(needed, probe);
  const missing = missingFrom(current, needed);
  if (missing === "") return { added: "", isReadable: true };
  try {
    await redis.call("CONFIG", "SET", SETTING, current + missing);
  } catch (error) {
    throw refusal(missing, error);
  }
  return { added: missing, isReadable: true };
}

/** Classes of `needed`, and `K`, that the setting `current` lacks. */
export function missingFrom(current: string, needed: string): string {
  const on = new Set(current.replace("A", ALL_CLASSES));
  return [...new Set(`K${needed}`)].filter((name) => !on.has(name)).join("");
}

/** The setting; null where the server or the rights of the user do not let it be read. */
async function readSetting(redis: RedisControl): Promise<string | null> {
  try {
    const reply = await redis.call("CONFIG", "GET", SETTING);
    return Array.isArray(reply) && typeof reply[1] === "string" ? reply[1] : null;
  } catch (error) {
    if (isAnswer(error)) return null;
    throw unavailable(error);
  }
}

async function checkByTrial(needed: string, probe: ClassProbe): Promise<ClassesFound> {
  const on = await probe();
  const missing = [...needed].filter((name) => !on.has(name) && !UNSEEN.includes(name)).join("");
  if (missing === "") return { added: "", isReadable: false };
  const what = on.size === 0 ? `K${needed}` : missing;
  throw refusal(what, new Error("CONFIG is not permitted"));
}

function refusal(missing: string, error: unknown): PinionError {
  if (!isAnswer(error) && !/not permitted/.test(String(error))) return unavailable(error);
  return new PinionError(
    "REDIS_REFUSED",
    `Cannot take key events: Redis does not send those of the classes "${missing}", and refused to ` +
      `change that (${(error as Error).message}); add them to its setting ${SETTING}, or let the ` +
      "user of the runtime do so with the rights +config|get +config|set",
    { cause: error },
  );
}

/** Whether Redis said so itself. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && /^(NOPERM|ERR|DENIED)\b/.test(error.message);
}

function unavailable(cause: unknown): PinionError {
  if (cause instanceof PinionError) return cause;
  return new PinionError("REDIS_UNAVAILABLE", "Cannot take key events: Redis cannot be reached", {
    cause,
  });
}
