/**
 * TypeScript and JavaScript: an author's module is evaluated in this very heap.
 *
 * @module
 */

import type { Guest, GuestErrors } from "../guest.ts";
import {
  describeError,
  findAuthorPlace,
  keepPlace,
  nameModule,
  toErrorData,
  toLoadError,
} from "./author_error.ts";
import { prepareGlobals } from "./globals.ts";
import { loadModule, publishGlobals, publishSdk } from "./module_loader.ts";
import { watchGlobals } from "./watch_globals.ts";

/** Has what scripts have: types to remove, an async function. */
const SMALL_MODULE =
  "const first = async (value: string): Promise<string> => await value; first('');";

const ERRORS: GuestErrors = {
  describe: describeError,
  toData: toErrorData,
  toLoadData: toLoadError,
  findPlace: findAuthorPlace,
  keepPlace,
};

/** The language of this heap; its names and globals are those of the whole sandbox. */
export const TYPESCRIPT: Guest = {
  errors: ERRORS,
  async prepare(log) {
    await publishSdk();
    prepareGlobals(log);
  },
  async warmUp() {
    await loadModule(SMALL_MODULE);
  },
  load({ fileName, kind, text }) {
    nameModule(fileName);
    if (kind === "script") publishGlobals();
    return loadModule(text);
  },
  watch: watchGlobals,
};
