/**
 * Bounds of what one session may have under way or keep, which nobody sets. Both sides of the border
 * hold to them.
 *
 * Pure: the sandbox imports it.
 *
 * @module
 */

/** Commands without a reply, of one session. */
export const MAX_OUTSTANDING_COMMANDS = 100_000;
/** Executions of one session that may be under way. */
export const MAX_RUNNING_EXECUTIONS = 2_000;
/** Errors that an execution keeps; the rest is counted. */
export const MAX_ERRORS = 1_000;
/** Length of those errors together; the last one may exceed it. */
export const MAX_ERROR_CHARS = 512 * 1024;
/** Registrations of one module. */
export const MAX_REGISTRATIONS = 1_000;
/** Times a second that the TimeReaders of a module may fire, all of them together. */
export const MAX_TICKS_PER_SECOND = 1_000;
/** Characters of what a module registers, as JSON: it is stored, shown and told to isolates. */
export const MAX_REGISTRATION_CHARS = 4 * 1024 * 1024;
