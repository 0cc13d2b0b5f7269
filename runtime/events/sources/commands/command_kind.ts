/**
 * CommandReader in the table of sources.
 *
 * @module
 */

import { isDistributed } from "../../../../contract/plan/event_plan.ts";
import type { CommandTrigger } from "../../../../contract/plan/registration.ts";
import type { SourceKind, TriggerServices } from "../../source/source_kind.ts";
import type { CallReply } from "./call_reply.ts";
import { ClusterCalls } from "./cluster_calls.ts";
import { type CallWays, CommandSource } from "./command_source.ts";
import { requireFree } from "./command_triggers.ts";
import { LocalCalls } from "./local_calls.ts";

/** See the module. */
export function commandKind(services: TriggerServices): SourceKind {
  const { commands, coordinator, executions } = services;
  return {
    check: (plan, place) => requireFree((plan.trigger as CommandTrigger).trigger, place),
    open({ registration: { plan }, serve, statistics }) {
      const { trigger, inorder } = plan.trigger as CommandTrigger;
      const place = { plan, serve, observer: statistics };
      const here = new LocalCalls(place);
      const everywhere = new ClusterCalls(place, executions);
      const mayLeave = isDistributed(plan);
      const ways: CallWays<CallReply> = {
        run: (...call) => (mayLeave && coordinator.isClustered ? everywhere : here).run(...call),
      };
      return commands.add(new CommandSource(plan, trigger, inorder, ways));
    },
  };
}
