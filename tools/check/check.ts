/**
 * Applies the rules to a project.
 *
 * @module
 */

import { type Exception, MAX_EXCEPTIONS } from "./exceptions.ts";
import type { Project } from "./project.ts";
import type { Finding, Rule } from "./rule.ts";

/** A finding with the rule that it breaks. */
export interface RuleFinding extends Finding {
  readonly rule: string;
}

/**
 * Lists what breaks the rules, without the exceptions; exceptions that nothing needs are listed
 * too.
 */
export function checkProject(
  project: Project,
  rules: readonly Rule[],
  exceptions: readonly Exception[],
): RuleFinding[] {
  const all = rules.flatMap((rule) =>
    rule.find(project).map((finding) => ({ rule: rule.name, ...finding }))
  );
  const used = new Set<Exception>();
  const findings = all.filter((finding) => {
    const exception = exceptions.find(({ rule, path }) =>
      rule === finding.rule && path === finding.path
    );
    if (exception !== undefined) used.add(exception);
    return exception === undefined;
  });
  const unused = exceptions.filter((exception) => !used.has(exception));
  return [...findings, ...unused.map(toUnneeded), ...refuseTooMany(exceptions)];
}

/** Formats a finding as `path:line rule: message`. */
export function formatFinding({ path, line, rule, message }: RuleFinding): string {
  return `${path}${line === undefined ? "" : `:${line}`} ${rule}: ${message}`;
}

function toUnneeded({ rule, path }: Exception): RuleFinding {
  return { rule: "exceptions", path, message: `needs no exception from ${rule}: remove it` };
}

function refuseTooMany({ length }: readonly Exception[]): RuleFinding[] {
  if (length <= MAX_EXCEPTIONS) return [];
  const path = "tools/check/exceptions.ts";
  const message = `has ${length} exceptions: at most ${MAX_EXCEPTIONS}`;
  return [{ rule: "exceptions", path, message }];
}
