/**
 * Text of strangers (keys, names, errors, what functions log) for logs and terminals.
 *
 * @module
 */

/** All control characters but tab and line feed, and what changes the direction of text. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** The text with control characters written out, such as `\x1b`: it speaks to no terminal. */
export function writeOutControls(text: string): string {
  return text.replace(CONTROL, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`;
  });
}

/** The same for a line of a log: what follows a line break is indented, so it passes for no other. */
export function toLogText(text: string): string {
  return writeOutControls(text).replaceAll(/\n(?! {4})/g, "\n    ");
}
