/**
 * The file that `start --config` names.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { resolveFile } from "../bundle/resolve_file.ts";

/**
 * Its settings, unchecked: `startShard` checks them together with the options.
 *
 * @throws `NOT_FOUND` if it cannot be read, `BAD_ARGUMENT` if it is no JSON object
 */
export async function readConfigFile(file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  const text = await Deno.readTextFile(await resolveFile(file)).catch((cause) => {
    throw new PinionError("NOT_FOUND", `The file ${file} cannot be read`, { cause });
  });
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (cause) {
    throw new PinionError("BAD_ARGUMENT", `${file} is no JSON: ${(cause as Error).message}`);
  }
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new PinionError("BAD_ARGUMENT", `${file}: expected a JSON object of settings`);
  }
  return settings as Record<string, unknown>;
}
