/**
 * Pieces of the schemas that commands check their input with.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";

/** An option whose text is a whole number of at least `min`. */
export function wholeNumber({ min }: { min: number }): z.ZodType<number, string> {
  const message = `expected a whole number of ${min} or more`;
  return z.string().regex(/^\d{1,15}$/, message).transform(Number).pipe(z.int().min(min, message));
}

/** `["A=1", "B=2"]` as `{ A: "1", B: "2" }`. @throws `BAD_ARGUMENT` */
export function readPairs(option: string, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) {
      throw new PinionError("BAD_ARGUMENT", `${option}: expected NAME=VALUE, got "${pair}"`);
    }
    return [pair.slice(0, at), pair.slice(at + 1)];
  }));
}

/** All of stdin as text. */
export async function readStdin(): Promise<string> {
  return await new Response(Deno.stdin.readable).text();
}
