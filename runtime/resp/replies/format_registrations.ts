/**
 * Registrations as RESP.
 *
 * Source: RedisGears 1.2 RG.DUMPREGISTRATIONS (reference 1.3): shapes and orders are those.
 * Differs: a TimeReader is shown, too; arguments that only this project has are in
 * `GET /v1/registrations`.
 *
 * @module
 */

import type { SessionInfo } from "../../engine/engine.ts";
import type { RegistrationInfo } from "../../../contract/api/registration_info.ts";
import type { ReplyWriter, WriteReply } from "./reply_writer.ts";

/** One entry of 12 items per registration. */
export function formatRegistrations(
  registrations: readonly RegistrationInfo[],
  sessions: readonly SessionInfo[],
): WriteReply {
  return (reply) => {
    reply.array(registrations.length);
    for (const registration of registrations) {
      const session = sessions.find(({ id, dead }) => id === registration.library && !dead);
      writeRegistration(reply, registration, sessionText(registration.library, session));
    }
  };
}

/** An entry; of 10 items where `session` is left out, as RG.DUMPSESSIONS has them. */
export function writeRegistration(
  reply: ReplyWriter,
  registration: RegistrationInfo,
  session?: string,
): void {
  reply.map(session === undefined ? 5 : 6);
  writeText(reply, "id", registration.id);
  writeText(reply, "reader", registration.trigger.reader);
  writeText(reply, "desc", registration.description ?? null);
  reply.bulk("RegistrationData");
  writeData(reply, registration);
  if (session !== undefined) writeText(reply, "PD", session);
  writeText(reply, "ExecutionThreadPool", "DefaultPool");
}

function writeData(reply: ReplyWriter, registration: RegistrationInfo): void {
  const { trigger } = registration;
  const isStream = trigger.reader === "StreamReader";
  reply.map(isStream ? 13 : 10);
  writeText(reply, "mode", registration.mode);
  writeNumber(reply, "numTriggered", registration.numTriggered);
  writeNumber(reply, "numSuccess", registration.numSuccess);
  writeNumber(reply, "numFailures", registration.numFailures);
  writeNumber(reply, "numAborted", registration.numAborted);
  writeNumber(reply, "lastRunDurationMS", registration.lastRunDurationMs);
  writeNumber(reply, "totalRunDurationMS", registration.totalRunDurationMs);
  reply.bulk("avgRunDurationMS");
  reply.double(registration.avgRunDurationMs);
  if (isStream) {
    writeNumber(reply, "lastEstimatedLagMS", registration.lastEstimatedLagMs);
    reply.bulk("avgEstimatedLagMS");
    reply.double(registration.avgEstimatedLagMs);
  }
  writeText(reply, "lastError", registration.lastError);
  reply.bulk("args");
  writeArgs(reply, registration);
  if (isStream) {
    const { status } = registration;
    writeText(reply, "status", status === "DRAINING" ? "PAUSED" : status);
  }
}

function writeArgs(reply: ReplyWriter, { trigger, failure }: RegistrationInfo): void {
  switch (trigger.reader) {
    case "KeysReader":
      reply.map(4);
      writeText(reply, "regex", trigger.prefix);
      writeTexts(reply, "eventTypes", trigger.eventTypes);
      writeTexts(reply, "keyTypes", trigger.keyTypes);
      return writeTexts(reply, "hookCommands", trigger.commands);
    case "StreamReader":
      reply.map(6);
      writeNumber(reply, "batchSize", trigger.batch);
      writeNumber(reply, "durationMS", trigger.durationMs);
      writeText(reply, "stream", trigger.prefix);
      writeNumber(reply, "trimStream", Number(trigger.trimStream));
      writeText(reply, "onFailedPolicy", failure.policy);
      return writeNumber(reply, "retryInterval", Math.ceil(failure.retryIntervalMs / 1_000));
    case "CommandReader":
      reply.map(2);
      writeText(reply, "trigger", trigger.trigger);
      return writeNumber(reply, "inorder", Number(trigger.inorder));
    case "TimeReader":
      reply.map(4);
      writeText(reply, "cron", trigger.cron);
      writeText(reply, "timeZone", trigger.timeZone);
      reply.bulk("everyMS");
      if (trigger.everyMs === null) reply.null();
      else reply.integer(trigger.everyMs);
      return writeText(reply, "on", trigger.on);
    default:
      trigger satisfies never;
  }
}

/** What RedisGears shows of the session that a registration belongs to, in Python's notation. */
function sessionText(id: string, session: SessionInfo | undefined): string {
  const registrations = session?.registrations ?? [];
  const list = registrations.map((one) => `'${one}'`).join(", ");
  return `{'sessionName':'${id}', 'sessionDescription':'${session?.description ?? null}', ` +
    `'refCount': ${session?.refCount ?? 0}, 'linkedTo': primary, 'dead': false, ` +
    `'isInstallationNeeded':0, 'registrationsList':[${list}], 'depsList':[]}`;
}

function writeText(reply: ReplyWriter, name: string, value: string | null): void {
  reply.bulk(name);
  if (value === null) reply.null();
  else reply.bulk(value);
}

function writeNumber(reply: ReplyWriter, name: string, value: number): void {
  reply.bulk(name);
  reply.integer(Math.round(value));
}

function writeTexts(reply: ReplyWriter, name: string, values: readonly string[] | null): void {
  reply.bulk(name);
  if (values === null) return reply.null();
  reply.array(values.length);
  for (const value of values) reply.bulk(value);
}
