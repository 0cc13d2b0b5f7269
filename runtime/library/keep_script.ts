/**
 * Turns a script that registers into what is deployed: from then on it lives as a library does, under
 * the id of its session.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { KeptScript } from "./scripts.ts";
import type { Deployment } from "./libraries.ts";
import { LibraryManifest, LibraryName } from "../../contract/api/library_info.ts";

/** @throws `BAD_OPTION` where the id is too long for it */
export function toDeployment(
  { id, source, recording, registrations, options }: KeptScript,
): Deployment {
  const { description, upgrade, replaceWith } = options;
  if (!LibraryName.safeParse(id).success) {
    throw new PinionError(
      "BAD_OPTION",
      "ID must have at most 64 characters where a script registers",
    );
  }
  return {
    kind: "script",
    name: id,
    source,
    recording: recording.toBase64(),
    registrations,
    manifest: LibraryManifest.parse(description === undefined ? {} : { description }),
    upgrade,
    replaceWith,
  };
}
