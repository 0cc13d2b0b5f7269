/**
 * A copy of the checkout that faults are planted in, so that the checkout itself is never touched.
 *
 * @module
 */

import { applyEdit, type Fault } from "./fault.ts";
import { endProcessesOf } from "./processes.ts";
import type { Checkout } from "./checkout.ts";

/** What the checkout builds; its entries are named by hashes and found again. */
const BUILT = "dist";

/** One copy with a folder for what its tests write. */
export class ThrowawayCopy implements AsyncDisposable {
  /** Folder of the copy, with a slash at its end. */
  readonly root: string;
  /** Folder for temporary files of its tests. */
  readonly scratch: string;
  readonly #place: string;
  readonly #builtBefore = new Set<string>();

  private constructor(place: string) {
    this.#place = place;
    this.root = `${place}/copy/`;
    this.scratch = `${place}/tmp`;
  }

  /** Copies the files of a checkout to a new folder below `dir`, or the system's temporary one. */
  static async create(checkout: Checkout, dir?: string): Promise<ThrowawayCopy> {
    const copy = new ThrowawayCopy(await Deno.makeTempDir({ dir, prefix: "mutate-" }));
    try {
      await copy.#fill(checkout);
      return copy;
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Plants a fault, or puts the text back that was there before it. */
  async write(fault: Fault, text: string, isPlanted: boolean): Promise<void> {
    await Deno.writeTextFile(
      `${this.root}${fault.path}`,
      isPlanted ? applyEdit(text, fault) : text,
    );
  }

  /** Ends what a test left running and removes what it left behind. */
  async clean(): Promise<void> {
    await endProcessesOf(this.#place);
    await remove(this.scratch);
    await Deno.mkdir(this.scratch);
  }

  /**
   * Removes what was built with a fault in it. What is built a second time under the same name has
   * no fault in it, and stays.
   */
  async removeBuilt(): Promise<void> {
    for (const name of await this.#listBuilt()) {
      if (this.#builtBefore.has(name)) continue;
      this.#builtBefore.add(name);
      await remove(`${this.root}${BUILT}/${name}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProcessesOf(this.#place);
    await remove(this.#place);
    for (const cache of await listCaches()) await remove(`${cache}${this.#place}`);
  }

  async #fill({ root, files }: Checkout): Promise<void> {
    await Deno.mkdir(this.scratch);
    for (const path of files) {
      const target = `${this.root}${path}`;
      await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(`${root}${path}`, target);
    }
  }

  async #listBuilt(): Promise<string[]> {
    try {
      return (await Array.fromAsync(Deno.readDir(`${this.root}${BUILT}`))).map(({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }
}

/** Folders where Deno keeps what it made of sources, by their path. */
async function listCaches(): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { typescriptCache } = JSON.parse(new TextDecoder().decode(stdout)) as {
    typescriptCache: string;
  };
  return [typescriptCache, `${typescriptCache}/file`];
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
