/**
 * The table of sub-commands. Help and documentation follow its order.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { cluster } from "./commands/cluster.ts";
import { demo } from "./commands/demo.ts";
import { deploy } from "./commands/deploy.ts";
import { dlq } from "./commands/dlq.ts";
import { doctor } from "./commands/doctor.ts";
import { executions } from "./commands/executions.ts";
import { invoke } from "./commands/invoke.ts";
import { libraries } from "./commands/libraries.ts";
import { limits } from "./commands/limits.ts";
import { logs } from "./commands/logs.ts";
import { registrations } from "./commands/registrations.ts";
import { resume } from "./commands/resume.ts";
import { rollback } from "./commands/rollback.ts";
import { run } from "./commands/run.ts";
import { start } from "./commands/start.ts";
import { startCluster } from "./commands/start_cluster.ts";
import { trigger } from "./commands/trigger.ts";
import { undeploy } from "./commands/undeploy.ts";
import { versions } from "./commands/versions.ts";

/** Every sub-command; those of a group have two words. */
export const COMMANDS: readonly Command[] = [
  start,
  startCluster,
  demo,
  run,
  deploy,
  invoke,
  trigger,
  libraries,
  versions,
  rollback,
  undeploy,
  resume,
  ...registrations,
  ...dlq,
  ...executions,
  logs,
  limits,
  cluster,
  doctor,
];

/** Summaries of the first words of the commands that have two. */
export const GROUPS: Readonly<Record<string, string>> = {
  registrations: "what waits for events: list, show, pause, drain, resume, replay, remove",
  dlq: "events that were given up: list, show, replay, drop",
  executions: "what runs and what has run: list, show, results, abort, drop",
};
