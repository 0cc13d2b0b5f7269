/**
 * Sessions as RESP.
 *
 * Source: RedisGears 1.2 RG.PYDUMPSESSIONS (reference 1.6). Differs: there are no requirements, so
 * those two fields are always 0 and empty; a bundled script carries its packages.
 *
 * @module
 */

import type { SessionInfo } from "../../engine/engine.ts";
import type { RegistrationInfo } from "../../../contract/api/registration_info.ts";
import { writeRegistration } from "./format_registrations.ts";
import type { ReplyWriter, WriteReply } from "./reply_writer.ts";

/** A session, or the id that was asked for and is of none. */
export type SessionEntry = SessionInfo | { readonly missingId: string };

/**
 * One entry of 16 items per session.
 *
 * @param registrations Shows all of each registration instead of its id.
 */
export function formatSessions(
  sessions: readonly SessionEntry[],
  registrations?: readonly RegistrationInfo[],
): WriteReply {
  return (reply) => {
    reply.array(sessions.length);
    for (const session of sessions) {
      if ("missingId" in session) reply.bulk(`Session ${session.missingId} does not exists`);
      else writeSession(reply, session, registrations);
    }
  };
}

function writeSession(
  reply: ReplyWriter,
  session: SessionInfo,
  registrations: readonly RegistrationInfo[] | undefined,
): void {
  reply.map(8);
  reply.bulk("ID");
  reply.bulk(session.id);
  reply.bulk("sessionDescription");
  if (session.description === undefined) reply.null();
  else reply.bulk(session.description);
  reply.bulk("refCount");
  reply.integer(session.refCount);
  reply.bulk("linked");
  reply.bulk(session.dead ? "None" : "primary");
  reply.bulk("dead");
  reply.bulk(String(session.dead));
  reply.bulk("requirementInstallationNeeded");
  reply.integer(0);
  reply.bulk("requirements");
  reply.array(0);
  reply.bulk("registrations");
  reply.array(session.registrations.length);
  for (const id of session.registrations) {
    const registration = registrations?.find((one) => one.id === id);
    if (registration === undefined) reply.bulk(id);
    else writeRegistration(reply, registration);
  }
}
