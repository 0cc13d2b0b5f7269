/**
 * A folder of an author, somewhere on the disk.
 *
 * @module
 */

import { dirname, join } from "node:path";

/** Files of an author; they are gone when it is disposed. */
export interface Project extends AsyncDisposable {
  readonly path: string;
  /** Path of a file in it. */
  file(name: string): string;
}

/** Writes `files`, a text for each name. */
export async function createProject(files: Readonly<Record<string, string>>): Promise<Project> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "pinion-project-" }));
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(path, name)), { recursive: true });
    await Deno.writeTextFile(join(path, name), text);
  }
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
