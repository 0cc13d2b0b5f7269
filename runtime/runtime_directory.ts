/**
 * The folder of one runtime for sockets and caches of its isolates: private, and gone when it ends.
 *
 * @module
 */

import { processExists } from "../isolate/process/process_info.ts";

const PREFIX = "pinion-";

/** See the module. */
export class RuntimeDirectory implements AsyncDisposable {
  readonly path: string;

  /** Makes the folder, and removes those of runtimes that were killed. */
  static async create(): Promise<RuntimeDirectory> {
    const path = await Deno.makeTempDir({ prefix: `${PREFIX}${Deno.pid}-` });
    const parent = path.slice(0, path.lastIndexOf("/"));
    await removeAbandoned(parent);
    return new RuntimeDirectory(path);
  }

  private constructor(path: string) {
    this.path = path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Removes folders whose process is gone. */
async function removeAbandoned(parent: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(parent)) {
    const pid = isDirectory ? /^pinion-(\d+)-/.exec(name)?.[1] : undefined;
    if (pid === undefined || await processExists(Number(pid))) continue;
    // Another runtime may remove it at the same time.
    await Deno.remove(`${parent}/${name}`, { recursive: true }).catch(() => {});
  }
}
