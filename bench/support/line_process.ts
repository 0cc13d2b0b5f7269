/**
 * A script of `bench/processes/` that answers a line with a line.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { stopProcess } from "./child_process.ts";

/** See the module. */
export class LineProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ReadableStreamDefaultReader<string>;
  #text = "";

  /** @param name File of `bench/processes/`, without its ending. */
  constructor(name: string, args: readonly string[] = []) {
    const path = fileURLToPath(new URL(`../processes/${name}.ts`, import.meta.url));
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", path, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line that it prints. @throws Error where it ends before */
  async readLine(): Promise<string> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#stdout.read();
      if (done) throw new Error("A process of the benchmark ended too early");
      this.#text += value;
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return line;
  }

  /** Sends a line and gives the next line that it prints. */
  async ask(line: string | number): Promise<string> {
    await this.#stdin.write(new TextEncoder().encode(`${line}\n`));
    return await this.readLine();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopProcess(this.#child);
    await Promise.all([this.#stdin.abort().catch(() => {}), this.#stdout.cancel()]);
  }
}
