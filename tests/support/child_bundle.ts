/**
 * The bundle of isolates for tests: built from the sources as they are.
 *
 * @module
 */

import { type ChildBundle, findChildBundle } from "../../isolate/process/child_bundle.ts";
import { buildIsolate } from "../../tools/build/bundle_isolate.ts";

/** Builds the bundle where a source has changed, and finds it. */
export async function prepareChildBundle(): Promise<ChildBundle> {
  await buildIsolate();
  return await findChildBundle();
}
