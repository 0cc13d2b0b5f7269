/**
 * Promises and microtasks without end, which nobody awaits.
 *
 * @module
 */

import { securitySuite } from "./support/security_suite.ts";
import { explode, MEMORY_BOMB_OPTIONS } from "./support/memory_bombs.ts";

const BOMBS = {
  "promises that nobody awaits": `
    const all = []; while (true) all.push(new Promise(() => {}));`,
  "microtasks that beget two":
    "const beget = () => { queueMicrotask(beget); queueMicrotask(beget); }; beget();",
};

securitySuite("promises without end", explode(BOMBS), MEMORY_BOMB_OPTIONS);
