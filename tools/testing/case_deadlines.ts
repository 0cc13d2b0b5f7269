/**
 * Gives every case a deadline of its own. `deno test` loads this before each test file
 * (`--preload`).
 *
 * A case, or a step of one, that takes longer fails by name, and what it owns by `using` is
 * disposed of where it is the step that hangs. The clock of a case stands still while a step of it
 * runs, as the step has its own. After the first step that fails, the case's further steps are
 * skipped by name: they share what the failed one left behind.
 *
 * @module
 */

import vm from "node:vm";

type TestFn = Deno.TestDefinition["fn"];
type StepFn = Deno.TestStepDefinition["fn"];

/**
 * Six times the slowest case of an idle machine, which eight busy processes slow down as much. A
 * case that needs another says so by `timeout`.
 */
const DEADLINE_MS = 360_000;
/**
 * Ends a loop that lets no timer run, which is Deno's own to do; longer than all steps of a case.
 */
const CEILING_FACTOR = 3;

/** Time that runs out, unless it is paused as often as it is resumed. */
class Deadline {
  readonly #ms: number;
  readonly #name: string;
  readonly #expired = Promise.withResolvers<never>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauses = 0;

  constructor(ms: number, name: string) {
    this.#ms = ms;
    this.#name = name;
    // A loop that Deno ended has nobody left who waits for this.
    this.#expired.promise.catch(() => {});
    this.#arm();
  }

  /** Runs `work`; rejects where the time runs out before it is over. */
  async run(work: () => void | Promise<void>): Promise<void> {
    try {
      await Promise.race([work(), this.#expired.promise]);
    } finally {
      this.#pauses++;
      clearTimeout(this.#timer);
    }
  }

  /** Runs `work` with the clock standing still; begins anew after it. */
  async pause<T>(work: () => Promise<T>): Promise<T> {
    this.#pauses++;
    clearTimeout(this.#timer);
    try {
      return await work();
    } finally {
      this.#pauses--;
      this.#arm();
    }
  }

  #arm(): void {
    if (this.#pauses > 0) return;
    clearTimeout(this.#timer);
    const message = `Deadline of ${this.#ms} ms: ${this.#name} has not ended`;
    this.#timer = setTimeout(() => this.#expired.reject(new Error(message)), this.#ms);
  }
}

/** The context of a case whose steps have deadlines, too, and end with the first failure. */
function limitSteps(
  context: Deno.TestContext,
  owner: { readonly deadline: Deadline; readonly ms: number; readonly name: string },
): Deno.TestContext {
  let hasFailed = false;
  const step = async (...args: unknown[]): Promise<boolean> => {
    const definition = toDefinition(args) as unknown as Deno.TestStepDefinition;
    const name = `${owner.name} > ${definition.name}`;
    const limited = {
      ...definition,
      ignore: definition.ignore || hasFailed,
      fn: limitFn(definition.fn, owner.ms, name),
    };
    const isGood = await owner.deadline.pause(() => context.step(limited));
    if (!isGood && !limited.ignore) hasFailed = true;
    return isGood;
  };
  const { name, origin, parent } = context;
  return { name, origin, parent, step } as Deno.TestContext;
}

/** A test's or step's function with a deadline of `ms`. */
function limitFn(fn: StepFn, ms: number, name: string): StepFn {
  return async (context) => {
    const deadline = new Deadline(ms, name);
    await deadline.run(() => fn(limitSteps(context, { deadline, ms, name })));
  };
}

/** What `Deno.test` or `t.step` was called with, as one object. */
function toDefinition(args: readonly unknown[]): Deno.TestDefinition {
  const fn = args.findLast((arg) => typeof arg === "function") as TestFn | undefined;
  const options = args.find((arg) => typeof arg === "object") as object | undefined;
  const name = args.find((arg) => typeof arg === "string") ?? fn?.name;
  return { ...(name ? { name } : {}), ...(fn ? { fn } : {}), ...options } as Deno.TestDefinition;
}

function limitCase(args: readonly unknown[]): Deno.TestDefinition {
  const definition = toDefinition(args);
  const ms = definition.timeout ?? DEADLINE_MS;
  return {
    ...definition,
    timeout: ms * CEILING_FACTOR,
    fn: limitFn(definition.fn, ms, definition.name),
  };
}

/**
 * Puts `limitCase` before a way to register a test. Deno shows the first caller outside of its own
 * code as the test's place, so this frame counts as Deno's: its file is named so.
 */
function wrap(register: typeof Deno.test): typeof Deno.test {
  const source = "(register, limit) => (...args) => register(limit(args))";
  return vm.runInThisContext(source, { filename: "ext:case_deadlines" })(register, limitCase);
}

const { test } = Deno;
Object.assign(Deno, {
  test: Object.assign(wrap(test), {
    ...test,
    ignore: wrap(test.ignore as typeof Deno.test),
    only: wrap(test.only as typeof Deno.test),
  }),
});
