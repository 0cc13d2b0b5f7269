/**
 * A deployed library as `deploy` prints it.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import type { LibrarySummary } from "../../contract/api/library_info.ts";
import { formatBytes, formatCount, formatDuration } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";

/** The outcome of one file. */
export interface Deployed extends LibrarySummary {
  readonly file: string;
  readonly dryRun: boolean;
  readonly bytes: number;
  readonly sourceMapBytes: number;
  readonly files: readonly string[];
  readonly packages: readonly string[];
  /** Modules that the bundle asks for with `require()` and will not get. */
  readonly missing: readonly string[];
  readonly elapsedMs: number;
}

/** Prints what is deployed, how large it is and how to call it. */
export function showDeployed(library: Deployed, output: Output, url: string): void {
  const { style } = output;
  if (!output.interactive) {
    const state = library.dryRun ? "checked" : "deployed";
    output.print([library.name, `v${library.version}`, state, library.bytes].join("\t"));
    return;
  }
  const done = library.dryRun ? "would be deployed" : `v${library.version} is deployed`;
  output.print(
    `${style.green("✔")} ${style.bold(library.name)} ${done} ${
      style.dim(`(${formatDuration(library.elapsedMs)})`)
    }`,
  );
  const parts = [
    formatCount(library.files.length, "file"),
    formatCount(library.packages.length, "package"),
  ].join(", ");
  output.print(
    `  size     ${formatBytes(library.bytes)} of ${parts}; source map ${
      formatBytes(library.sourceMapBytes)
    }`,
  );
  output.print(`  exports  ${listExports(library)}`);
  if (library.missing.length > 0) {
    output.print(
      style.yellow(`  careful  it asks for ${library.missing.join(", ")}: fails where it is used`),
    );
  }
  if (!library.dryRun) output.printLines(tryLines(library, url));
}

function listExports(library: LibrarySummary): string {
  const names = library.exports.map(({ name, kind }) => `${name} (${kind})`);
  return names.join(", ") || "nothing: there is nothing to invoke";
}

/** A line to try for the first export of each kind that HTTP reaches. */
function tryLines({ name, exports }: LibrarySummary, url: string): string[] {
  const called = exports.find(({ kind }) => kind !== "fetch");
  const lines: string[] = [];
  if (called) lines.push(`${PROGRAM} invoke ${name} ${called.name}`);
  if (exports.some(({ kind }) => kind === "fetch")) {
    lines.push(`curl ${new URL(`/fn/${name}/`, url)}`);
  }
  return lines.map((line, index) => `  ${index === 0 ? "try" : "   "}      ${line}`);
}
