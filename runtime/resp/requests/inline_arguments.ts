/**
 * Splits an inline command (a line as a person types it into telnet) into arguments.
 *
 * Source: `sdssplitargs` of Redis.
 *
 * @module
 */

const SPACE = 32;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const BACKSLASH = 92;

const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, a: 7 };

/**
 * The arguments of a line without its line end; undefined where its quotes do not balance.
 *
 * Double quotes know `\n \r \t \b \a \xHH` and take any other escaped byte as it is; single quotes
 * know `\'` only. A closing quote must be followed by a space or the end.
 */
export function splitInline(rawLine: Uint8Array): Uint8Array[] | undefined {
  const zero = rawLine.indexOf(0);
  const line = zero < 0 ? rawLine : rawLine.subarray(0, zero);
  const args: Uint8Array[] = [];
  let at = 0;
  while (true) {
    while (at < line.length && isSpace(line[at])) at++;
    if (at === line.length) return args;
    const bytes: number[] = [];
    const end = readArgument(line, at, bytes);
    if (end < 0) return undefined;
    args.push(Uint8Array.from(bytes));
    at = end;
  }
}

/** Reads one argument into `bytes`; where it ended, or -1 for an unbalanced quote. */
function readArgument(line: Uint8Array, from: number, bytes: number[]): number {
  let at = from;
  while (at < line.length && !isSpace(line[at])) {
    const byte = line[at];
    if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
      return readQuoted(line, at + 1, byte, bytes);
    }
    bytes.push(byte);
    at++;
  }
  return at;
}

function readQuoted(line: Uint8Array, from: number, quote: number, bytes: number[]): number {
  let at = from;
  while (at < line.length) {
    const byte = line[at];
    if (byte === quote) {
      return at + 1 === line.length || isSpace(line[at + 1]) ? at + 1 : -1;
    }
    if (byte !== BACKSLASH || at + 1 === line.length) {
      bytes.push(byte);
      at++;
    } else if (quote === SINGLE_QUOTE) {
      const isQuote = line[at + 1] === SINGLE_QUOTE;
      bytes.push(isQuote ? SINGLE_QUOTE : BACKSLASH);
      at += isQuote ? 2 : 1;
    } else {
      at = readEscape(line, at + 1, bytes);
    }
  }
  return -1;
}

function readEscape(line: Uint8Array, at: number, bytes: number[]): number {
  const char = String.fromCharCode(line[at]);
  const hex = String.fromCharCode(...line.subarray(at + 1, at + 3));
  if (char === "x" && /^[0-9a-fA-F]{2}$/.test(hex)) {
    bytes.push(parseInt(hex, 16));
    return at + 3;
  }
  bytes.push(ESCAPES[char] ?? line[at]);
  return at + 1;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 9 && byte <= 13);
}
