/**
 * The heap of the engine is filled.
 *
 * @module
 */

import { securitySuite } from "./support/security_suite.ts";
import { explode, MEMORY_BOMB_OPTIONS } from "./support/memory_bombs.ts";

const BOMBS = {
  "objects": "const all = []; while (true) all.push({ x: Math.random() });",
  "strings": `const all = []; while (true) all.push(String(Math.random()).repeat(1_000));`,
  "a Map": "const all = new Map(); for (let i = 0; ; i++) all.set(i, {});",
  "closures": "const all = []; while (true) { const x = {}; all.push(() => x); }",
  "timers": "while (true) setTimeout(() => {}, 1_000_000);",
};

securitySuite("heap bombs", explode(BOMBS), MEMORY_BOMB_OPTIONS);
