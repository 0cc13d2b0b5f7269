/**
 * A module's load, what it registers meanwhile, and what it logs.
 *
 * The sandbox imports the types alone.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../../deep_readonly.ts";
import {
  AuthorErrorSchema,
  bytes,
  ErrorSchema,
  id,
  SourceLocationSchema,
  texts,
} from "../fields.ts";
import { MAX_ENCODED_RECORDING_BYTES } from "./message_limits.ts";

/** Asks for a module to be loaded. */
const Load = z.strictObject({
  type: z.literal("load"),
  /** A script has the SDK's names as globals and may call `run()`; a library may not. */
  kind: z.enum(["script", "library"]),
  /** Name of the file in error messages. */
  fileName: z.string(),
  source: z.string(),
  env: texts,
  config: texts,
  hashtag: z.string(),
  /** What a ShardsIDReader yields. */
  shardId: z.string(),
  /** Write down what the top level reads from outside: other shards may have to run the script. */
  record: z.boolean().optional(),
  /** What it read on the shard that it was sent to: this shard runs a part of its execution. */
  replay: bytes.optional(),
  /** It registers, and lives on when it is loaded; `replay` is what it read when it was sent. */
  isKept: z.boolean().optional(),
});

/** A registration of the module that is being loaded has this id. */
const Registration = z.strictObject({
  type: z.literal("registration"),
  registration: id,
  id: z.string(),
});

/** It cannot be. */
const RefuseRegistration = z.strictObject({
  type: z.literal("refuseRegistration"),
  registration: id,
  error: ErrorSchema,
});

/** What `configGet` reads has changed. */
const Config = z.strictObject({ type: z.literal("config"), config: texts });

/** Asks to go the way of a script once, before there is one. */
const WarmUp = z.strictObject({ type: z.literal("warmUp") });

/** Answers `warmUp`. */
const Warm = z.strictObject({ type: z.literal("warm") });

/** Something that a module exports and that can be invoked. */
const ModuleExportSchema = z.strictObject({
  name: z.string().max(256),
  kind: z.enum(["function", "builder", "fetch"]),
});

/** What a top level has read from outside, for other shards. */
export const recordingFields = {
  /** What it read before, if it was to be written down and can be given again. */
  recording: bytes.refine((value) => value.byteLength <= MAX_ENCODED_RECORDING_BYTES).optional(),
  /** Why it cannot be given again, as the end of a sentence. */
  unreplayable: z.string().max(1_024).optional(),
};

/** The module is loaded. */
const Loaded = z.strictObject({
  type: z.literal("loaded"),
  exports: z.array(ModuleExportSchema).max(10_000),
  ...recordingFields,
});

/** It is not. */
const LoadFailed = z.strictObject({ type: z.literal("loadFailed"), error: AuthorErrorSchema });

/** A plan as the sandbox made it: what it is to be is checked by the validators of `plan/`. */
export const uncheckedPlan = z.custom<object>((plan) => typeof plan === "object" && plan !== null);

/** The top level registers; registrations of a module are numbered in this order. */
const Register = z.strictObject({
  type: z.literal("register"),
  registration: id,
  plan: uncheckedPlan,
  /** Where the author's code called `register()`. */
  location: SourceLocationSchema.optional(),
});

/** A line for the log. */
const Log = z.strictObject({
  type: z.literal("log"),
  level: z.enum(["debug", "verbose", "notice", "warning"]),
  message: z.string().max(8_192),
});

/** What a module needs, from the runtime to the sandbox. */
export const MODULES_TO_SANDBOX = [Load, Registration, RefuseRegistration, Config, WarmUp] as const;
/** What becomes of it, from the sandbox to the runtime. */
export const MODULES_FROM_SANDBOX = [Loaded, LoadFailed, Register, Log, Warm] as const;

/** How a module is loaded. */
export type LoadMessage = DeepReadonly<z.infer<typeof Load>>;
/** Something that a module exports and that can be invoked. */
export type ModuleExport = DeepReadonly<z.infer<typeof ModuleExportSchema>>;
/** Severity of a log line, as in Redis. */
export type LogLevel = z.infer<typeof Log>["level"];
