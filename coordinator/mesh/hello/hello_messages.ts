/**
 * The first messages between two runtimes, as JSON. Only `protocol` may be relied on while it is
 * not known which version the other side speaks.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../../errors.ts";

/** Raised with every change that an older runtime would misunderstand. */
export const PROTOCOL = 1;

/** Greatest payload of a greeting, in bytes. */
export const MAX_GREETING_BYTES = 16 * 1024;

const Id = z.string().min(1).max(100);
const Count = z.int().min(0);

/** The first thing that either side says. */
export const Hello = z.object({
  protocol: z.int(),
  shardId: Id,
  /** Id of this run of the process. */
  runId: Id,
  /** Fencing epoch of its lease. */
  epoch: Count,
  /** The shard that it believes to talk to. */
  to: Id,
  /** Origin of the URL that the dialling side used; the listening side repeats it. */
  origin: z.string().max(1_000),
  /** Never used before. */
  nonce: z.string().length(64),
  /** Bytes that a channel to it may send before it has read any. */
  windowBytes: z.int().min(1).max(2 ** 31),
});
export type Hello = z.infer<typeof Hello>;

/** From the listening side, with its {@linkcode Hello}; from the dialling side, with its resume. */
export const Proof = z.object({ proof: z.string().max(MAX_GREETING_BYTES) });

/** LinkPosition of the dialling side. */
export const LinkPosition = z.object({
  /** Id of the exchange that it has. */
  session: Id,
  /** True if the two have been linked in this exchange: it cannot begin again then. */
  resumes: z.boolean(),
  /** Number of the frame that came last. */
  received: Count,
  /** Id of the exchange that begins where the listening side has forgotten this one. */
  next: Id,
});
export type LinkPosition = z.infer<typeof LinkPosition>;

export const Answer = z.object({ hello: Hello, proof: Proof.shape.proof });
export const Claim = z.object({ position: LinkPosition, proof: Proof.shape.proof });
export const Welcome = z.object({ session: Id, received: Count });
export type Welcome = z.infer<typeof Welcome>;
const Refusal = z.object({ message: z.string().max(MAX_GREETING_BYTES) });

const Versioned = z.object({ protocol: z.int() });

/** A value as bytes. */
export function encodeGreeting(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The message. @throws `MESH_REFUSED` for anything else */
export function decodeGreeting<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  const value = parseJson(bytes);
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw refuse(`a message of its greeting is malformed: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

/** As {@linkcode decodeGreeting}, of what begins with the version. @throws `MESH_REFUSED` */
export function decodeVersioned<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  const value = parseJson(bytes);
  const hello = typeof value === "object" && value !== null && "hello" in value
    ? value.hello
    : value;
  const versioned = Versioned.safeParse(hello);
  if (versioned.success && versioned.data.protocol !== PROTOCOL) {
    throw refuse(
      `it speaks version ${versioned.data.protocol} of the mesh protocol, this runtime speaks ` +
        `${PROTOCOL}; run the same version of Pinion on every shard`,
    );
  }
  return decodeGreeting(schema, bytes);
}

/** Reads the other side's refusal. */
export function decodeRefusal(bytes: Uint8Array): PinionError {
  return new PinionError("MESH_REFUSED", decodeGreeting(Refusal, bytes).message);
}

/** A refusal; `why` says what is wrong with the other side. */
export function refuse(why: string): PinionError {
  return new PinionError("MESH_REFUSED", `The link was refused: ${why}`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refuse("its greeting is not JSON; is it a runtime of Pinion?");
  }
}
