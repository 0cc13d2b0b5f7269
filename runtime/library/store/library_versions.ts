/**
 * The versions of a library that are kept, and the one that serves.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { MAX_VERSIONS, type StoredLibrary, type StoredVersion } from "./library_store.ts";

/** Keeps the versions of one library, by number. */
export class LibraryVersions {
  readonly #name: string;
  readonly #versions: Map<number, StoredVersion>;
  #current: number;

  constructor({ name, current, versions }: Pick<StoredLibrary, "name" | "current" | "versions">) {
    this.#name = name;
    this.#current = current;
    this.#versions = new Map(versions);
  }

  /** Number of the version that serves. */
  get current(): number {
    return this.#current;
  }

  /** The version that serves. */
  get serving(): StoredVersion {
    return this.#versions.get(this.#current)!;
  }

  /** Greatest number of a version. */
  get newest(): number {
    return Math.max(...this.#versions.keys());
  }

  /** Lists all versions, the oldest first. */
  list(): [number, StoredVersion][] {
    return [...this.#versions];
  }

  /** The version with this number. @throws `NO_VERSION` */
  get(number: number): StoredVersion {
    const version = this.#versions.get(number);
    if (version !== undefined) return version;
    const kept = [...this.#versions.keys()].join(", ");
    throw new PinionError(
      "NO_VERSION",
      `Library ${this.#name} has no version ${number}; these are kept: ${kept}`,
    );
  }

  /** Number of the version before the one that serves. @throws `NO_VERSION` */
  previous(): number {
    const before = [...this.#versions.keys()].filter((number) => number < this.#current).at(-1);
    if (before !== undefined) return before;
    throw new PinionError(
      "NO_VERSION",
      `Library ${this.#name} has no version before ${this.#current} to go back to`,
    );
  }

  /** Lets a version serve, and drops the oldest one beyond the limit. */
  switchTo(number: number, version: StoredVersion): void {
    this.#versions.set(number, version);
    this.#versions.delete(number - MAX_VERSIONS);
    this.#current = number;
  }

  /** Replaces the version that serves by one with the same code. */
  amend(version: StoredVersion): void {
    this.#versions.set(this.#current, version);
  }

  /** Takes over the versions that are stored. @returns whether another one serves now */
  follow({ current, versions }: Pick<StoredLibrary, "current" | "versions">): boolean {
    const before = this.#versions.get(current);
    const after = versions.get(current);
    const isSame = this.#current === current && before?.hash === after?.hash &&
      before?.deployedAt === after?.deployedAt;
    this.#versions.clear();
    for (const [number, version] of versions) this.#versions.set(number, version);
    this.#current = current;
    return !isSame;
  }
}
