/**
 * The sessions as they are shown: those that run, and those that wait for events without running.
 *
 * @module
 */

import type { SessionInfo } from "../engine/engine.ts";

/** A library or a kept script, with what it registers. */
export interface ServedSession {
  readonly id: string;
  readonly kind: "library" | "script";
  readonly description?: string;
  /** Ids of registrations. */
  readonly registrations: readonly string[];
}

/**
 * @param open Sessions that run.
 * @param served What is deployed: one that registers is there without an isolate, too.
 */
export function listSessions(
  open: readonly SessionInfo[],
  served: readonly ServedSession[],
): SessionInfo[] {
  const byId = new Map(served.map((one) => [one.id, one]));
  const listed = open.map((session) => {
    const registrations = session.dead ? [] : byId.get(session.id)?.registrations ?? [];
    if (!session.dead) byId.delete(session.id);
    return { ...session, refCount: session.refCount + registrations.length, registrations };
  });
  const waiting = [...byId.values()].filter(({ registrations }) => registrations.length > 0);
  return [
    ...listed,
    ...waiting.map(({ id, kind, description, registrations }) => ({
      id,
      ...(description !== undefined && { description }),
      refCount: registrations.length,
      dead: false,
      registrations,
      ...(kind === "library" && { library: id }),
    })),
  ];
}
