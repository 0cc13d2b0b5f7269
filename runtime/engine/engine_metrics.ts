/**
 * The engine's counters and gauges for `/metrics`.
 *
 * @module
 */

import type { Metric } from "./engine.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import type { LibrarySummary } from "../../contract/api/library_info.ts";
import type { RegistrationInfo } from "../../contract/api/registration_info.ts";

/** What the figures are taken from. */
export interface EngineFigures {
  readonly executions: Pick<ExecutionStore, "created" | "aborted" | "running">;
  readonly isolates: number;
  readonly libraries: readonly LibrarySummary[];
  readonly redisUp: boolean;
  readonly registrations: readonly RegistrationInfo[];
}

/** See the module. Names are without the `pinion_` prefix. */
export function engineMetrics(figures: EngineFigures): Metric[] {
  const { executions, isolates, libraries, redisUp, registrations } = figures;
  return [
    counter("executions_total", "Executions created", executions.created),
    counter("executions_aborted_total", "Executions aborted", executions.aborted),
    gauge("executions_running", "Executions that are not over", executions.running),
    gauge("isolates", "Isolates that run, prestarted ones included", isolates),
    gauge("redis_up", "Whether the shard's Redis can be reached", redisUp ? 1 : 0),
    gauge("memory_resident_bytes", "Resident memory of the runtime", Deno.memoryUsage().rss),
    perLibrary("library_invocations_total", "Invocations of a library", libraries, "invocations"),
    perLibrary("library_failures_total", "Failed invocations of a library", libraries, "failures"),
    {
      name: "registration_executions_total",
      help: "Executions of a registration that are over, until its figures are cleared",
      type: "counter",
      samples: registrations.flatMap((registration) => [
        outcome(registration, "success", registration.numSuccess),
        outcome(registration, "failure", registration.numFailures),
        outcome(registration, "aborted", registration.numAborted),
      ]),
    },
    {
      name: "registration_backlog",
      help: "Events of a registration that wait, where its source can tell",
      type: "gauge",
      samples: registrations.filter(({ backlog }) => backlog !== null).map((registration) => ({
        labels: labelsOf(registration),
        value: registration.backlog!,
      })),
    },
  ];
}

function outcome(registration: RegistrationInfo, outcome: string, value: number) {
  return { labels: { ...labelsOf(registration), outcome }, value };
}

function labelsOf({ id, library, trigger }: RegistrationInfo): Record<string, string> {
  return { registration: id, library, reader: trigger.reader };
}

function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: "counter", samples: [{ value }] };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [{ value }] };
}

function perLibrary(
  name: string,
  help: string,
  libraries: readonly LibrarySummary[],
  field: "invocations" | "failures",
): Metric {
  return {
    name,
    help,
    type: "counter",
    samples: libraries.map((library) => ({
      labels: { library: library.name },
      value: library[field],
    })),
  };
}
