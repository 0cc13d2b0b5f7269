/**
 * The table of sub-commands. Help and documentation follow its order.
 *
 * @module
 */

import type { Command } from "./base/cli_command.ts";
import { cluster } from "./shards/cluster.ts";
import { demo } from "./demo/demo_command.ts";
import { deploy } from "./libraries/deploy.ts";
import { dlq } from "./registrations/dlq.ts";
import { doctor } from "./shards/doctor.ts";
import { executions } from "./executions/executions.ts";
import { invoke } from "./executions/invoke.ts";
import { libraries } from "./libraries/list_libraries.ts";
import { limits } from "./shards/limits.ts";
import { logs } from "./shards/logs.ts";
import { registrations } from "./registrations/list_registrations.ts";
import { resume } from "./libraries/resume.ts";
import { rollback } from "./libraries/rollback.ts";
import { run } from "./executions/run.ts";
import { start } from "./shards/start.ts";
import { startCluster } from "./shards/start_cluster.ts";
import { trigger } from "./registrations/trigger.ts";
import { undeploy } from "./libraries/undeploy.ts";
import { versions } from "./libraries/versions.ts";

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
