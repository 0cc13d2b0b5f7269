/**
 * Numbers the callbacks of a plan in the order in which its steps name them.
 *
 * @module
 */

import { contentText } from "./base/content_text.ts";
import { PlanError } from "./base/gears_error.ts";
import type { AuthorCallback, CallbackTable } from "./operations/operation.ts";
import type { CallbackRef } from "../contract/plan/step.ts";
import { shortenText } from "./base/short_text.ts";

/** Longest name and text of a callback, in characters. */
const MAX_TEXT = 1_024;

/** See the module. */
export class CallbackList implements CallbackTable {
  /** The functions, each at the place that its reference names. */
  readonly list: AuthorCallback[] = [];

  author(callback: AuthorCallback): CallbackRef {
    return this.#add(callback, callback.name, Function.prototype.toString.call(callback));
  }

  constant(value: unknown): CallbackRef {
    if (typeof value !== "object" || value === null) {
      return this.#add(() => value, "zero", contentText(value));
    }
    const copy = cloneZero(value);
    return this.#add(() => structuredClone(copy), "zero", contentText(copy));
  }

  #add(callback: AuthorCallback, name: string, text: string): CallbackRef {
    this.list.push(callback);
    return {
      source: "author",
      index: this.list.length - 1,
      name: String(name).slice(0, MAX_TEXT),
      text: shortenText(text, MAX_TEXT),
    };
  }
}

function cloneZero(value: object): unknown {
  try {
    const copy = structuredClone(value);
    contentText(copy);
    return copy;
  } catch (error) {
    throw new PlanError(
      `The zero value must be data that can be copied: ${(error as Error).message}`,
    );
  }
}
