/**
 * More isolates than there may be: who comes too late is told to come again, and nobody is lost.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ERROR_KINDS } from "../../errors.ts";
import { assertRefused, resultOf, securitySuite } from "./support/security_suite.ts";

securitySuite("floods of isolates", {
  "scripts at the same time": async (arena) => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => arena.run("await new Promise(() => {});")),
    );
    const codes = answers.map(({ body }) => body.code);
    assertEquals(new Set(codes), new Set(["LIMIT_TIME", "LIMIT_ISOLATES"]));
    const late = answers.find(({ body }) => body.code === "LIMIT_ISOLATES")!;
    assertRefused(
      late,
      "LIMIT_ISOLATES",
      /^Cannot start an isolate: 6 run already \(maxIsolates\)/,
    );
    assert(ERROR_KINDS.LIMIT_ISOLATES.retryable);
    assertEquals(resultOf(await arena.evaluate("return 1;")), 1);
  },
  "libraries one after the other": async (arena) => {
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 8; i++) {
      const { body } = await arena.deploy(`many-${i}`, "export const f = async () => 1;");
      codes.push(body.code);
    }
    assertEquals(codes[0], undefined);
    assertEquals(codes.at(-1), "LIMIT_ISOLATES");
    assertEquals((await arena.invoke("many-0", "f")).body, 1);
  },
}, { isolates: { maxIsolates: 6 } });
