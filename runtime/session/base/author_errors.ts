/**
 * Errors of a session with the places in the author's files, not in the bundle.
 *
 * @module
 */

import type { PlaceMapper } from "../../../contract/text/place_mapper.ts";
import { PinionError, type SourceLocation } from "../../../errors.ts";

/** Rewrites errors for their author. */
export class AuthorErrors {
  readonly #places: PlaceMapper | undefined;

  /** @param places None where the source is the author's own file. */
  constructor(places: PlaceMapper | undefined) {
    this.#places = places;
  }

  /** Rewrites an error that came as data. */
  fromData(data: Parameters<typeof PinionError.fromData>[0]): PinionError {
    return this.#map(PinionError.fromData(data));
  }

  /** Makes the error of a call that was refused, at the place of the call. */
  toRefusal(error: unknown, location: SourceLocation | undefined): PinionError {
    const { code, message, cause } = PinionError.from(error);
    return this.#map(new PinionError(code, message, { cause, location }));
  }

  /** Rewrites one text. */
  mapText(text: string): string {
    return this.#places?.mapText(text) ?? text;
  }

  /** Rewrites texts. */
  mapTexts(texts: readonly string[]): readonly string[] {
    return texts.length === 0 || this.#places === undefined
      ? texts
      : texts.map((text) => this.mapText(text));
  }

  #map(error: PinionError): PinionError {
    return this.#places?.mapError(error) ?? error;
  }
}
