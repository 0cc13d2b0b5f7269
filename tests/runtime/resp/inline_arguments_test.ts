import { assertEquals } from "@std/assert";
import { splitInline } from "../../../runtime/resp/requests/inline_arguments.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const split = (line: string) => {
  const args = splitInline(encode(line));
  return args?.map((arg) => String.fromCharCode(...arg));
};

const CASES: readonly (readonly [line: string, args: readonly string[] | undefined])[] = [
  ["", []],
  [" \t ", []],
  ["PING", ["PING"]],
  ["  SET  a\tb \r", ["SET", "a", "b"]],
  [`SET a "b c"`, ["SET", "a", "b c"]],
  [`SET a 'b c'`, ["SET", "a", "b c"]],
  [`SET "" ''`, ["SET", "", ""]],
  [String.raw`ECHO "\n\r\t\b\a\x41\q\""`, ["ECHO", '\n\r\t\b\x07Aq"']],
  [String.raw`ECHO "\x4"`, ["ECHO", "x4"]],
  [String.raw`ECHO 'it\'s \n'`, ["ECHO", "it's \\n"]],
  [`a"b c"`, ["ab c"]],
  [`"a`, undefined],
  [`'a`, undefined],
  [`"a"b`, undefined],
  [String.raw`"a\"`, undefined],
  ["GET a\0b c", ["GET", "a"]],
];

Deno.test("inline commands split as in Redis", () => {
  for (const [line, args] of CASES) assertEquals(split(line), args && [...args], line);
});
