/**
 * The name that people call the program by: texts take it from here.
 *
 * @module
 */

/** The program, in front of any command: `${PROGRAM} registrations`. */
export const PROGRAM = "deno task pinion";

/**
 * The program, in front of a command that is a task of its own in a checkout: `start`, `cluster`,
 * `deploy`, `demo`.
 */
export const TASK: string = PROGRAM.replace(/^(deno task) \w+$/, "$1");
