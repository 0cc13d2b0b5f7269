/**
 * Data leaves by a connection that stays open.
 *
 * @module
 */

import { reach } from "./support/reach.ts";
import { securitySuite } from "./support/security_suite.ts";

securitySuite(
  "web sockets",
  reach({
    "a WebSocket": "new WebSocket('ws://HOST/')",
    "a stream of events": "new EventSource('http://HOST/')",
    "a socket of Node":
      "(0, eval)(`import('node:net')`).then((net) => net.connect({ port: Number('HOST'.split(':')[1]) }))",
    "Deno.connect": "Deno.connect({ port: 1 })",
  }),
);
