/**
 * Someone who uses the same runtime and the same Redis while a function misbehaves: 40 invocations
 * of an innocent library and 50 PINGs a second, from a thread of its own.
 *
 * @module
 */

import type { BystanderReport, ToBystander } from "./bystander_worker.ts";

/** Where the innocent export is, what a request for it needs, and where Redis is. */
export type BystanderOptions = Omit<Extract<ToBystander, { type: "start" }>, "type">;

/** See the module. */
export class Bystander implements Disposable {
  readonly #worker: Worker;

  /** Begins; resolves after the first answer. */
  static async start(options: BystanderOptions): Promise<Bystander> {
    const bystander = new Bystander();
    await bystander.#ask({ type: "start", ...options });
    return bystander;
  }

  private constructor() {
    const url = new URL("./bystander_worker.ts", import.meta.url).href;
    this.#worker = new Worker(url, { type: "module" });
  }

  /** Figures since the last report, when every request that was sent has its answer or is lost. */
  report(): Promise<BystanderReport> {
    return this.#ask({ type: "report" });
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #ask(message: ToBystander): Promise<BystanderReport> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.postMessage(message);
    });
  }
}
