/**
 * A `Deno.serve` that answers a constant: what an invocation is compared with. Prints its port.
 *
 * @module
 */

const HEADERS = { "content-type": "application/json" };

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, () => new Response("null", { headers: HEADERS }));
