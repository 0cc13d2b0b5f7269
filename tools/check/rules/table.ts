/**
 * The table of rules.
 *
 * @module
 */

import type { Rule } from "../rule.ts";
import { bareErrors } from "./bare_errors.ts";
import { borders } from "./borders.ts";
import { circles } from "./circles.ts";
import { docOpenings } from "./doc_openings.ts";
import { doubledNames } from "./doubled_names.ts";
import { facade } from "./facade.ts";
import { pageLengths } from "./page_lengths.ts";
import { parsedData } from "./parsed_data.ts";
import { programName } from "./program_name.ts";
import { sizes } from "./sizes.ts";
import { testedModules } from "./tested_modules.ts";
import { waiting } from "./waiting.ts";

/** Rules in the order in which findings are printed. */
export const RULES: readonly Rule[] = [
  ...[circles, borders, facade, parsedData, doubledNames, docOpenings, bareErrors, waiting],
  ...[sizes, testedModules, programName, pageLengths],
];
