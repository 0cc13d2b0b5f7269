/**
 * Answers whatever comes with the same bytes, without looking at it: shows how much load the
 * generator can make. Prints its port.
 *
 * @module
 */

const REPLY = new TextEncoder().encode(
  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nnull",
);
const BUFFER_BYTES = 4_096;

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
for await (const connection of listener) void answer(connection);

async function answer(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  connection.setNoDelay(true);
  try {
    while (await connection.read(buffer) !== null) await connection.write(REPLY);
  } catch {
    // The generator went away.
  }
}
