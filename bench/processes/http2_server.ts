/**
 * A bare HTTP/2 server: `/echo` sends back what comes, `/count` only counts it. Prints its port.
 *
 * @module
 */

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, async (request) => {
  const body = request.body!;
  if (new URL(request.url).pathname === "/echo") return new Response(body);
  let received = 0;
  for await (const chunk of body) received += chunk.byteLength;
  return new Response(String(received));
});
