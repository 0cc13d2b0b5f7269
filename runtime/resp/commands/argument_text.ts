/**
 * Arguments of commands as functions see them.
 *
 * @module
 */

/** Up to this length, characters are looked at one by one: a decoder costs more to call. */
const SHORT_BYTES = 64;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Text where the bytes are UTF-8, else the bytes themselves.
 *
 * Differs: RedisGears cuts arguments at the first NUL.
 */
export function toText(bytes: Uint8Array): string | Uint8Array {
  if (bytes.length <= SHORT_BYTES) {
    let text = "";
    for (let at = 0; at < bytes.length && bytes[at] < 0x80; at++) {
      text += String.fromCharCode(bytes[at]);
    }
    if (text.length === bytes.length) return text;
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return bytes;
  }
}
