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
  /** The record that a ShardsIDReader yields. */
  shardId: z.string(),
  /** Write down what the top level reads from outside: other shards may have to run the script. */
  record: z.boolean().optional(),
  /**
   * Recording of the shard that the script was sent to: this shard runs a part of its execution.
   */
  replay: bytes.optional(),
  /** True if it registers, and lives on when it is loaded; `replay` is its recording. */
  isKept: z.boolean().optional(),
});

/** A registration of the module that is being loaded has this id. */
const Registration = z.strictObject({
  type: z.literal("registration"),
  registration: id,
  id: z.string(),
});

/** Refuses a registration. */
const RefuseRegistration = z.strictObject({
  type: z.literal("refuseRegistration"),
  registration: id,
  error: ErrorSchema,
});

/** New settings that `configGet` reads. */
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

/** Recording of a top level's reads, for other shards. */
export const recordingFields = {
  /** Reads of the top level so far, if they were recorded and can be replayed. */
  recording: bytes.refine((value) => value.byteLength <= MAX_ENCODED_RECORDING_BYTES).optional(),
  /** Reason why it cannot be given again, as the end of a sentence. */
  unreplayable: z.string().max(1_024).optional(),
};

/** The module is loaded. */
const Loaded = z.strictObject({
  type: z.literal("loaded"),
  exports: z.array(ModuleExportSchema).max(10_000),
  ...recordingFields,
});

/** The module could not be loaded. */
const LoadFailed = z.strictObject({ type: z.literal("loadFailed"), error: AuthorErrorSchema });

/** A plan as the sandbox made it: what it is to be is checked by the validators of `plan/`. */
export const uncheckedPlan = z.custom<object>((plan) => typeof plan === "object" && plan !== null);

/** The top level registers; registrations of a module are numbered in this order. */
const Register = z.strictObject({
  type: z.literal("register"),
  registration: id,
  plan: uncheckedPlan,
  /** Place of the author's `register()` call. */
  location: SourceLocationSchema.optional(),
});

/** A line for the log. */
const Log = z.strictObject({
  type: z.literal("log"),
  level: z.enum(["debug", "verbose", "notice", "warning"]),
  message: z.string().max(8_192),
});

/** Messages that a module needs, from the runtime to the sandbox. */
export const MODULES_TO_SANDBOX = [Load, Registration, RefuseRegistration, Config, WarmUp] as const;
/** Outcomes of a module, from the sandbox to the runtime. */
export const MODULES_FROM_SANDBOX = [Loaded, LoadFailed, Register, Log, Warm] as const;

/** Asks the sandbox to load a module. */
export type LoadMessage = DeepReadonly<z.infer<typeof Load>>;
/** Something that a module exports and that can be invoked. */
export type ModuleExport = DeepReadonly<z.infer<typeof ModuleExportSchema>>;
