/**
 * Messages to the runtime without end, such as no code can send that keeps to the SDK.
 *
 * @module
 */

import { FORGE } from "./support/forge.ts";
import { assertLimited, securitySuite } from "./support/security_suite.ts";

const FIGURES =
  "{ recordsRead: 1, readDurationMs: 1, results: 1, errors: 0, forwardedCommands: 0, steps: [] }";
/** Messages that are small, that mean work, and that are large. */
const MESSAGES = {
  "progress of an execution": `{ type: "progress", executionId: "x", figures: ${FIGURES} }`,
  "replies to nobody": `{ type: "reply", id: 1_000_000, body: new Uint8Array(1_000) }`,
  "runs that cannot be": `{ type: "run", run: 1, isNested: true, plan: { version: 1 } }`,
  "large replies to nobody": `{ type: "reply", id: 1_000_000, body: new Uint8Array(1_000_000) }`,
};

securitySuite(
  "floods of messages",
  Object.fromEntries(
    Object.entries(MESSAGES).map(([name, message]) => [name, async (arena) => {
      assertLimited(
        await arena.run(`${FORGE}
          while (true) {
            for (let i = 0; i < 20; i++) forge(${message});
            await new Promise((resolve) => setTimeout(resolve));
          }`),
      );
    }]),
  ),
);
