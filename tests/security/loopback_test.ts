/**
 * The loopback address leads nowhere: not to the runtime's own ports, nor to any Redis.
 *
 * @module
 */

import { ManagedServer } from "../../servers/managed_server.ts";
import { expectFetchRefused } from "./support/reach.ts";
import { securitySuite } from "./support/security_suite.ts";

securitySuite("the loopback address", {
  "the runtime's own HTTP port": (arena) =>
    expectFetchRefused(arena, `${arena.runtime.http}/v1/libraries`),
  "the runtime's own RESP port": (arena) =>
    expectFetchRefused(arena, `http://127.0.0.1:${arena.runtime.resp.port}/`),
  "the port of its Redis": (arena) =>
    expectFetchRefused(arena, `http://127.0.0.1:${arena.runtime.redis.address.port}/`),
  "another Redis": async (arena) => {
    await using other = await ManagedServer.start();
    await expectFetchRefused(arena, `http://127.0.0.1:${other.address.port}/`);
  },
});
