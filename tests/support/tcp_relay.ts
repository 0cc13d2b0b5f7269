/**
 * Stands between a client and a server and does to their connections what networks do.
 *
 * @module
 */

const BUFFER_BYTES = 64 * 1024;

/** A running relay. */
export class TcpRelay implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #targetPort: () => number;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;
  readonly #pumps = new Set<Promise<void>>();
  /** Resolves when bytes flow; pending while frozen. */
  #thawed = Promise.resolve();
  #thaw = () => {};
  #isOpen = true;
  /** How long every piece of bytes is held back, in milliseconds. */
  delayMs = 0;
  /** Connections so far. */
  connections = 0;

  /**
   * @param targetPort Where connections go, on 127.0.0.1; asked at each one.
   * @param listen Default: a free port of 127.0.0.1.
   */
  constructor(targetPort: () => number, listen = { hostname: "127.0.0.1", port: 0 }) {
    this.#targetPort = targetPort;
    this.#listener = Deno.listen(listen);
    this.#running = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Closes every connection. New ones are taken. */
  cut(): void {
    for (const connection of this.#connections) close(connection);
    this.#connections.clear();
  }

  /** Closes every connection, and new ones at once. */
  refuse(): void {
    this.#isOpen = false;
    this.cut();
  }

  /** Takes connections again. */
  open(): void {
    this.#isOpen = true;
  }

  /** Nothing passes any more and nobody is told, as when a cable is pulled. */
  freeze(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.#thawed, this.#thaw] = [promise, resolve];
  }

  /** What was held back goes on. */
  thaw(): void {
    this.#thaw();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.thaw();
    this.cut();
    await this.#running;
    await Promise.all(this.#pumps);
  }

  async #accept(): Promise<void> {
    try {
      for await (const near of this.#listener) void this.#serve(near);
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #serve(near: Deno.TcpConn): Promise<void> {
    this.connections++;
    if (!this.#isOpen) return close(near);
    this.#connections.add(near);
    let far: Deno.TcpConn;
    try {
      far = await Deno.connect({ hostname: "127.0.0.1", port: this.#targetPort() });
    } catch {
      return close(near);
    }
    if (!this.#connections.has(near)) return close(far);
    this.#connections.add(far);
    far.setNoDelay();
    near.setNoDelay();
    for (const [from, to] of [[near, far], [far, near]]) {
      const pump = this.#pump(from, to).finally(() => this.#pumps.delete(pump));
      this.#pumps.add(pump);
    }
  }

  async #pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    try {
      while (true) {
        const count = await from.read(buffer);
        await this.#thawed;
        if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
        if (count === null) break;
        for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
      }
    } catch {
      // Cut here, or by one of the two sides.
    }
    this.#connections.delete(from);
    this.#connections.delete(to);
    close(from);
    close(to);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
