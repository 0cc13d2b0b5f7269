/**
 * Short forms for tests of registrations on streams.
 *
 * @module
 */

import type { RegistrationInfo } from "../../../../../contract/api/registration_info.ts";
import { deploy } from "../../../library/library_calls.ts";
import type { TestEngine } from "../../../../support/start_engine.ts";
import { waitUntil } from "../../../../support/wait_until.ts";

/** How long a test waits for events to be over, in milliseconds. */
const DEADLINE_MS = 20_000;

/** Deploys a module that registers; a new version where there is one. */
export async function register(
  test: TestEngine,
  source: string,
  options: { readonly name?: string; readonly timeoutMs?: number } = {},
): Promise<void> {
  const { name = "lib", timeoutMs } = options;
  const imports = 'import { execute, flatError, GB, log, NonRetryableError } from "pinion";\n';
  const manifest = timeoutMs === undefined ? {} : { timeoutMs };
  await deploy(test, imports + source, { name, upgrade: true, manifest });
}

/** Adds messages with the field `n`, counting from `from`. */
export async function add(test: TestEngine, key: string, count: number, from = 0): Promise<void> {
  await test.pipeline(numbers(count, from).map((n) => ["XADD", key, "*", "n", n]));
}

/** Waits until a list has so many elements; all of them. */
export async function elements(test: TestEngine, key: string, count: number): Promise<string[]> {
  await waitUntil(async () => await test.ask("LLEN", key) as number >= count, DEADLINE_MS);
  return await test.ask("LRANGE", key, 0, -1) as string[];
}

/** Waits until a stream has no message left. */
export async function untilEmpty(test: TestEngine, key: string): Promise<void> {
  await waitUntil(async () => await test.ask("XLEN", key) === 0, DEADLINE_MS);
}

/** The only registration of the shard. */
export function registration(test: TestEngine): RegistrationInfo {
  const [info, ...others] = test.engine.listRegistrations();
  if (info === undefined || others.length > 0) throw new Error("Expected one registration");
  return info;
}

/** Waits until the only registration is as `condition` says. */
export async function untilRegistration(
  test: TestEngine,
  condition: (info: RegistrationInfo) => boolean,
): Promise<RegistrationInfo> {
  await waitUntil(() => condition(registration(test)), DEADLINE_MS);
  return registration(test);
}

/** Fields of the dead letters of the only registration. */
export async function letters(test: TestEngine): Promise<Record<string, string>[]> {
  const { library, name } = registration(test);
  const key = `__pinion:{dead}:${library}:${name}`;
  const found = await test.ask("XRANGE", key, "-", "+") as [string, (string | Uint8Array)[]][];
  return found.map(([, fields]) => {
    const named: Record<string, string> = {};
    for (let at = 0; at < fields.length; at += 2) named[`${fields[at]}`] = `${fields[at + 1]}`;
    return named;
  });
}

/** `from` and what comes after it, as text. */
export function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `${from + index}`);
}
