import { assertEquals, assertThrows } from "@std/assert";
import { PinionError } from "../../../../errors.ts";
import { Guard } from "../../../../runtime/http/server/guard.ts";

const OWN = "http://127.0.0.1:7480";

/** The code by which a request is refused, null where it is let in. */
function refusal(guard: Guard, headers: Record<string, string>, origin = OWN): string | null {
  try {
    guard.check(new Headers(headers), origin);
    return null;
  } catch (error) {
    if (error instanceof PinionError) return error.code;
    throw error;
  }
}

Deno.test("only the whole token lets a request in", () => {
  const guard = new Guard("correct-horse", "127.0.0.1");
  const ask = (token: string) => refusal(guard, { authorization: `Bearer ${token}` });
  assertEquals(ask("correct-horse"), null);
  const wrong = [
    ...["c", "correct", "correct-hors", "orrect-horse", "correct-horsf", "Correct-horse"],
    ...["correct-horsecorrect-horse", "correct-horsec", "correct-horse correct-horse", ""],
  ];
  for (const token of wrong) assertEquals(ask(token), "NOT_AUTHENTICATED", token);
});

Deno.test("a token is presented as a bearer's, and nothing else takes its place", () => {
  const guard = new Guard("t", "127.0.0.1");
  assertEquals(guard.isTokenRequired, true);
  const good = ["Bearer t", "bearer t", "BEARER   t", "Bearer t "];
  for (const authorization of good) assertEquals(refusal(guard, { authorization }), null);
  for (const authorization of ["t", "Basic t", "Bearert", "xBearer t", "Bearer t t"]) {
    assertEquals(refusal(guard, { authorization }), "NOT_AUTHENTICATED", authorization);
  }
  assertEquals(refusal(guard, {}), "NOT_AUTHENTICATED");
  assertEquals(refusal(guard, { origin: OWN }), "NOT_AUTHENTICATED");
});

Deno.test("an error says whether a token was there", () => {
  const guard = new Guard("t", "127.0.0.1");
  const ask = (headers: Record<string, string>) => () => guard.check(new Headers(headers), OWN);
  assertThrows(ask({}), PinionError, "expected authorization: Bearer");
  assertThrows(ask({ authorization: "Bearer x" }), PinionError, "that is not the runtime's token");
});

Deno.test("without a token, hosts that a stranger can name are refused every time", () => {
  const guard = new Guard(undefined, "pinion.internal");
  assertEquals(guard.isTokenRequired, false);
  const good = ["127.0.0.1", "[::1]", "localhost", "a.localhost", "pinion.internal"];
  for (const host of good) assertEquals(refusal(guard, {}, `http://${host}:7480`), null, host);
  const bad = [
    "evil.example",
    "pinion",
    "pinion.internal.evil",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "xlocalhost",
  ];
  for (const host of [...bad, ...bad]) {
    assertEquals(refusal(guard, {}, `http://${host}:7480`), "NOT_PERMITTED", host);
  }
});

Deno.test("without a token, a page of another origin is refused, of the own one let in", () => {
  const guard = new Guard(undefined, "127.0.0.1");
  assertEquals(refusal(guard, { origin: OWN }), null);
  for (const origin of ["http://127.0.0.1:7481", "https://127.0.0.1:7480", "null"]) {
    assertEquals(refusal(guard, { origin }), "NOT_PERMITTED", origin);
  }
});
