/**
 * Texts of any length in a bounded number of characters.
 *
 * @module
 */

/** `text` in at most `maxLength` characters that still differ where the text does. */
export function shortenText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const end = `… (${text.length} characters, hash ${hashText(text)})`;
  return text.slice(0, maxLength - end.length) + end;
}

/** 53 bits of a text, as cyrb53 makes them: tells versions of a function apart, no more. */
function hashText(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (0x100000000 * (b & 0x1fffff) + (a >>> 0)).toString(16);
}
