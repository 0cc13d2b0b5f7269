/**
 * Colours. Whether to use them is decided once, by `openOutput`.
 *
 * @module
 */

import picocolors from "picocolors";

/** Functions that colour a text; without colours they give it back as it is. */
export type Style = ReturnType<typeof picocolors.createColors>;

/** The functions for a place that does or does not show colours. */
export function createStyle(color: boolean): Style {
  return picocolors.createColors(color);
}
