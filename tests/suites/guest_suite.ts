/**
 * Every language that authors write in passes these tests before it is wired: they hold for any
 * implementation of `isolate/sandbox/guest/guest.ts`.
 *
 * A test file gives the sources, which do the same in each language, and how they are loaded.
 *
 * @module
 */

import { validatePlan } from "../../contract/plan/validate.ts";
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import type { ErrorData } from "../../errors.ts";
import type { LoadMessage } from "../../contract/isolate/messages/modules.ts";
import { GuestPlace, type GuestSession } from "../support/guest_session.ts";

/** Sources in the language; the names of their exports are the same in each. */
export interface GuestSources {
  /**
   * Exports the functions `add` (`a + b` of its input), `fail` (throws an error with the text "no
   * such thing" in line 2) and `describe` (the library's name and the variable `PLACE`), the
   * builder `double` (1, 2, 3 times two, by a function named `twice`) and the builder `failing`
   * (throws in line 5 for the second of three records).
   */
  readonly module: string;
  /** Cannot be parsed from its line 2 on. */
  readonly syntaxError: string;
  /** Throws an error with the text "not today" in its line 2, at the top level. */
  readonly topLevelError: string;
  /** Imports a file of the host. */
  readonly forbiddenImport: string;
  /**
   * Reads the clock, random numbers and `INCR counter` at its top level, then runs a builder whose
   * callback gives these values, for one record.
   */
  readonly reading: string;
  /** Reads the clock alone, then runs. */
  readonly readingLess: string;
  /** Runs a builder at its top level. */
  readonly running: string;
  /** Registers on commands, then runs a builder. */
  readonly registeringAndRunning: string;
  /** Runs a builder whose callback registers. */
  readonly registeringLate: string;
  /** Prints "printed" at its top level by the language's own means. */
  readonly printing: string;
}

/** A language under test. */
export interface TestGuest {
  /** Name of the file in errors. */
  readonly fileName: string;
  readonly sources: GuestSources;
  /** Fields of a load that only this language has. */
  readonly load?: Partial<LoadMessage>;
}

type Extra = Partial<Pick<LoadMessage, "kind" | "record" | "replay" | "env">>;

/** Names of our own code and of modules' addresses, which no author is to see. */
const OURS = /pinion|isolate|sandbox|file:|blob:|guest/i;

/** Registers the tests of a language. */
export function guestSuite(name: string, guest: TestGuest): void {
  for (const [title, run] of Object.entries(CASES)) {
    Deno.test(`guest, ${name}: ${title}`, async () => {
      await using place = await GuestPlace.start();
      await run(new Sandboxes(place, guest));
    });
  }
}

/** Opens sandboxes of the language under test. */
class Sandboxes {
  readonly place: GuestPlace;
  readonly guest: TestGuest;

  constructor(place: GuestPlace, guest: TestGuest) {
    this.place = place;
    this.guest = guest;
  }

  /** Starts a sandbox and has a source loaded in it. */
  async open(source: keyof GuestSources, extra: Extra = {}): Promise<GuestSession> {
    const session = await this.place.open();
    session.load({
      ...{ type: "load", kind: "library", fileName: this.guest.fileName },
      ...{ env: {}, config: {}, hashtag: "06S", shardId: "1" },
      ...this.guest.load,
      ...extra,
      source: this.guest.sources[source],
    });
    return session;
  }

  /** Has a source loaded that cannot be; gives the error. */
  async refusal(source: keyof GuestSources, extra: Extra = {}): Promise<ErrorData> {
    await using session = await this.open(source, extra);
    const answer = await session.loaded();
    assert(answer.type === "loadFailed", `${source} was loaded`);
    return answer.error;
  }
}

const CASES: Readonly<Record<string, (sandboxes: Sandboxes) => Promise<void>>> = {
  "lists what a module exports": async (sandboxes) => {
    await using session = await sandboxes.open("module");
    const answer = await session.loaded();
    assert(answer.type === "loaded");
    assertEquals([...answer.exports].sort((a, b) => a.name < b.name ? -1 : 1), [
      { name: "add", kind: "function" },
      { name: "describe", kind: "function" },
      { name: "double", kind: "builder" },
      { name: "fail", kind: "function" },
      { name: "failing", kind: "builder" },
    ]);
  },

  "calls an exported function by its name, with its place": async (sandboxes) => {
    await using session = await sandboxes.open("module", { env: { PLACE: "here" } });
    await session.loaded();
    assertEquals(await session.invoke("add", { a: 2, b: 3 }), { value: 5 });
    const library = sandboxes.guest.fileName.replace(/\.\w+$/, "");
    assertEquals(await session.invoke("describe", null), { value: [library, "here"] });
  },

  "compiles an exported builder, whose callbacks have name and text and are the author's": async (
    sandboxes,
  ) => {
    await using session = await sandboxes.open("module");
    await session.loaded();
    const run = await session.askRun("double");
    const [step, ...others] = validatePlan(run.plan).steps;
    assert(step.type === "map" && step.callback.source === "author" && others.length === 0);
    assertEquals(step.callback.name, "twice");
    assertMatch(step.callback.text, /2/);
    assertEquals(await session.finish(run), { results: [2, 4, 6], errors: [] });
  },

  "compiles the same source to the same plan": async (sandboxes) => {
    const plans = [];
    for (let load = 0; load < 2; load++) {
      await using session = await sandboxes.open("module");
      await session.loaded();
      plans.push((await session.askRun("failing")).plan);
    }
    assertEquals(plans[0], plans[1]);
  },

  "tells an error with the author's places, and none of ours": async (sandboxes) => {
    await using session = await sandboxes.open("module");
    await session.loaded();
    const error = await session.invoke("fail", null) as ErrorData;
    assertEquals(error.code, "FUNCTION_FAILED");
    assertMatch(error.message, /no such thing/);
    assertEquals([error.location?.file, error.location?.line], [sandboxes.guest.fileName, 2]);
    const frames = (error.stack ?? "").split("\n");
    assert(frames.every((frame) => frame.includes(sandboxes.guest.fileName)), error.stack);
    assertNotMatch(`${error.message}\n${error.stack}`, OURS);
  },

  "takes out the record whose callback fails, and says where": async (sandboxes) => {
    await using session = await sandboxes.open("module");
    await session.loaded();
    const { results, errors } = await session.finish(await session.askRun("failing"));
    assertEquals([results, errors.length], [[1, 3], 1]);
    assertMatch(errors[0], new RegExp(`${sandboxes.guest.fileName}:5`));
    assertNotMatch(errors[0], OURS);
  },

  "says why a module cannot be loaded": async (sandboxes) => {
    const syntax = await sandboxes.refusal("syntaxError");
    assertEquals([syntax.code, syntax.location?.line], ["SCRIPT_SYNTAX", 2]);
    const thrown = await sandboxes.refusal("topLevelError");
    assertEquals([thrown.code, thrown.location?.line], ["SCRIPT_FAILED", 2]);
    assertMatch(thrown.message, /not today/);
    const { code } = await sandboxes.refusal("forbiddenImport");
    assertEquals(code, "BAD_IMPORT");
    for (const { stack } of [syntax, thrown]) assertNotMatch(stack ?? "", OURS);
  },

  "reads the same again where a recording is replayed, and does nothing twice": async (
    sandboxes,
  ) => {
    const outcomes = [];
    let replay: Uint8Array | undefined;
    for (const extra of [{ record: true }, {}]) {
      await using session = await sandboxes.open("reading", {
        ...{ kind: "script", ...extra },
        ...(replay && { replay }),
      });
      const run = await session.first("run");
      replay ??= run.recording;
      assert(replay !== undefined, run.unreplayable);
      outcomes.push(await session.finish(run));
    }
    assertEquals(outcomes[0].errors, []);
    assertEquals(outcomes[0].results.length, 1);
    assertEquals(outcomes[1], outcomes[0]);
    assertEquals((outcomes[0].results[0] as unknown[]).at(-1), 1);
    assertEquals(await sandboxes.place.count("counter"), 1);
  },

  "refuses a replay that the code does not follow": async (sandboxes) => {
    await using session = await sandboxes.open("reading", { kind: "script", record: true });
    const { recording } = await session.first("run");
    const error = await sandboxes.refusal("readingLess", { kind: "script", replay: recording });
    assertEquals(error.code, "SCRIPT_FAILED");
    assertMatch(error.message, /does something else on this shard/);
  },

  "lets no top level do what only a script, or only a load, may": async (sandboxes) => {
    const library = await sandboxes.refusal("running");
    assertMatch(library.message, /run\(\) at the top level of a library/);
    const both = await sandboxes.refusal("registeringAndRunning", { kind: "script" });
    assertMatch(both.message, /can register\(\) or run\(\), not both/);
    await using session = await sandboxes.open("registeringLate", { kind: "script" });
    const { errors } = await session.finish(await session.first("run"));
    assertMatch(errors[0], /register\(\) can be called at the top level of a module only/);
  },

  "logs what an author prints": async (sandboxes) => {
    await using session = await sandboxes.open("printing");
    const { level, message } = await session.first("log");
    assertEquals([level, message], ["notice", "printed"]);
  },
};
