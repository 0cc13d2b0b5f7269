/**
 * The channel of marks by which loops of registrations are found.
 *
 * Pure: the sandbox imports it.
 *
 * @module
 */

/**
 * Channel on which executions of events mark what they write: `SENDER DEPTH KEY` before a command,
 * `SENDER` behind the commands of a turn. The runtime's part is `runtime/events/chains/`.
 */
export const CHAIN_CHANNEL = "__pinion:chain";
