/**
 * Opens a session of a version of a library, and loads it.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { fingerprintPlan } from "../../contract/plan/fingerprint.ts";
import type { SessionLimits } from "../../contract/isolate/session_limits.ts";
import type { ModuleExport } from "../../contract/isolate/messages/modules.ts";
import type { Session } from "../session/session.ts";
import type { Registrar } from "../session/session_registrations.ts";
import type { Sessions } from "../session/sessions.ts";
import type { StoredRegistration } from "../../contract/api/registration_info.ts";
import { type GrantableConfig, resolveGrants } from "./grants.ts";
import type { StoredVersion } from "./store/library_store.ts";
import { makePlaceMapper } from "../../contract/text/source_places.ts";

/** A session of one version, loaded. */
export interface LoadedVersion {
  readonly session: Session;
  readonly exports: readonly ModuleExport[];
  /** By their places in the module, those that were unregistered included. */
  readonly registrations: readonly StoredRegistration[];
}

/** Services that every library of a runtime uses. */
export interface LibraryDeps {
  readonly sessions: Sessions;
  /** Limits where a manifest says nothing. */
  readonly limits: SessionLimits;
  readonly grantable: GrantableConfig;
}

/** A version before it is stored: it may not be known yet what it registers. */
export type LoadableVersion =
  & Pick<StoredVersion, "kind" | "source" | "sourceMap" | "recording" | "manifest" | "hash">
  & { readonly registrations?: readonly StoredRegistration[] };

/**
 * Opens and loads a session of `version`. Where it is known what it registers, it must do the same.
 *
 * @param registrar Gives ids where it is not known.
 * @throws `SCRIPT_*`, `BAD_IMPORT`, `BAD_PLAN`, `LIMIT_*`
 */
export async function loadVersion(
  name: string,
  version: LoadableVersion,
  { sessions, limits: defaults, grantable }: LibraryDeps,
  registrar?: Registrar,
): Promise<LoadedVersion> {
  const { kind, manifest, recording, registrations: expected, source } = version;
  const grants = resolveGrants(manifest, grantable);
  const limits = limitsOf(manifest, defaults);
  const isScript = kind === "script";
  const fileName = isScript ? "script.ts" : `${name}.js`;
  const session = await sessions.open({
    id: name,
    description: manifest.description,
    ...(!isScript && { library: name }),
    version: version.hash,
    allowNet: manifest.allowNet,
    redisUser: grants.redisUser,
    limits,
    abortPolicy: "grace",
    places: makePlaceMapper(fileName, version.sourceMap),
    hooks: { registrar: registrar ?? (expected && sameAs(expected)) },
  });
  try {
    const { exports, registrations } = await session.load(
      sessions.loadMessage({
        ...{ kind, fileName, source, env: grants.env },
        ...(isScript && { isKept: true, replay: Uint8Array.fromBase64(recording ?? "") }),
      }),
      limits.loadTimeoutMs,
    );
    const missing = expected?.[registrations.length];
    if (missing !== undefined) throw differs(missing.plan.name);
    return { session, exports, registrations };
  } catch (error) {
    await session.kill(new PinionError("SCRIPT_FAILED", "The library could not be loaded"));
    throw error;
  }
}

/** Limits of a version: its manifest's where it names them. */
function limitsOf(
  { memoryMb, timeoutMs }: LoadableVersion["manifest"],
  defaults: SessionLimits,
): SessionLimits {
  return {
    ...defaults,
    memoryMb: memoryMb ?? defaults.memoryMb,
    invocationTimeoutMs: timeoutMs ?? defaults.invocationTimeoutMs,
    executionTimeoutMs: timeoutMs ?? defaults.executionTimeoutMs,
  };
}

/** Gives the ids of a version that is known, to a module that registers the same. */
function sameAs(expected: readonly StoredRegistration[]): Registrar {
  const fingerprints = expected.map(({ plan }) => fingerprintPlan(plan));
  return (plan, place) => {
    if (fingerprints[place] === fingerprintPlan(plan)) return expected[place].id;
    throw differs(plan.name);
  };
}

function differs(name: string): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `The module registers ${JSON.stringify(name)} in another way than when it was deployed: what ` +
      "it registers must be the same on every shard and at every start, so it may not depend on " +
      "the clock, random numbers, Redis or hashtag()",
  );
}
