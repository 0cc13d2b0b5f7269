/**
 * Short forms to deploy and invoke libraries in tests.
 *
 * @module
 */

import { assertRejects } from "@std/assert";
import { type ErrorCode, PinionError } from "../../../errors.ts";
import type { DeployRequest, FetchReply, FetchRequest } from "../../../runtime/engine/engine.ts";
import { LibraryManifest, type LibrarySummary } from "../../../contract/api/library_info.ts";
import type { TestEngine } from "../../support/start_engine.ts";

/** Deploys a source as `lib`, or as `request` says. */
export async function deploy(
  test: TestEngine,
  source: string,
  request: Partial<Omit<DeployRequest, "manifest">> & { manifest?: Record<string, unknown> } = {},
): Promise<LibrarySummary> {
  const manifest = LibraryManifest.parse(request.manifest ?? {});
  return await test.engine.deploy({ name: "lib", source, ...request, manifest });
}

/** Invokes an export of `lib`, or of the library before a slash, with a JSON value. */
export async function invoke(
  test: TestEngine,
  path: string,
  input?: unknown,
  signal?: AbortSignal,
  // deno-lint-ignore no-explicit-any
): Promise<any> {
  const [name, library = "lib"] = path.split("/").reverse();
  const body = new TextEncoder().encode(input === undefined ? "" : JSON.stringify(input));
  const reply = await test.engine.invoke(library, name, body, { signal });
  return JSON.parse(new TextDecoder().decode(reply));
}

/** Hands a request to the `fetch` of `lib`. */
export async function callFetch(
  test: TestEngine,
  request: Partial<FetchRequest> = {},
): Promise<FetchReply> {
  const defaults = { method: "GET", url: "http://host/path?q=1", headers: [], body: null };
  return await test.engine.fetch("lib", { ...defaults, ...request });
}

/** The error that a promise rejects with. @throws AssertionError where its code is another */
export async function refusal(promise: Promise<unknown>, code: ErrorCode): Promise<PinionError> {
  const error = await assertRejects(() => promise, PinionError);
  if (error.code !== code) throw new Error(`Expected ${code}, got ${error.code}: ${error.message}`);
  return error;
}
