/**
 * Reads the digits of RESP lengths and integers.
 *
 * Pure: runs in the sandbox.
 *
 * @module
 */

const ZERO = 48;

/**
 * Offset at which the digits that {@linkcode readDigits} read last ended. It stands here since an
 * object for both answers, or a second pass over the digits, costs a decoder a tenth of its time.
 */
export let digitsEnd = 0;

/**
 * Number that the digits from `from` on are, and {@linkcode digitsEnd} behind them, `to` at most; 0
 * where there are none. Exact with 15 digits at most: the caller looks at how many there were.
 */
export function readDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  let value = 0;
  let digit = 0;
  while (at < to && (digit = bytes[at] - ZERO) >= 0 && digit <= 9) {
    value = value * 10 + digit;
    at++;
  }
  digitsEnd = at;
  return value;
}
