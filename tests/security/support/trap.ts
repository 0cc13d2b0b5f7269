/**
 * A server that nobody may reach: it counts who does.
 *
 * @module
 */

/** See the module. */
export class Trap implements Disposable {
  /** Connections so far. */
  connections = 0;
  /** Where `/redirect` leads. */
  redirectTo = "";
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  constructor() {
    void this.#serve();
  }

  /** `HOST:PORT` */
  get address(): string {
    const { hostname, port } = this.#listener.addr as Deno.NetAddr;
    return `${hostname}:${port}`;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #serve(): Promise<void> {
    try {
      for await (const conn of this.#listener) {
        this.connections++;
        await this.#answer(conn).catch(() => {});
        conn.close();
      }
    } catch {
      // Closed.
    }
  }

  async #answer(conn: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(4_096);
    const read = await conn.read(buffer) ?? 0;
    const isRedirect = new TextDecoder().decode(buffer.subarray(0, read)).includes("/redirect");
    const head = isRedirect ? `302 Found\r\nlocation: ${this.redirectTo}` : "200 OK";
    await conn.write(
      new TextEncoder().encode(
        `HTTP/1.1 ${head}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      ),
    );
  }
}
