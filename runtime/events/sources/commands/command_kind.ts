/**
 * CommandReader in the table of sources.
 *
 * @module
 */

import { isDistributed } from "../../../../contract/plan/event_plan.ts";
import type { CommandTrigger } from "../../../../contract/plan/registration.ts";
import type { SourceKind } from "../../source/source_kind.ts";
import type { EventServices } from "../event_services.ts";
import type { CallReply } from "./call_reply.ts";
import { ClusterCalls } from "./cluster_calls.ts";
import { type CallWays, CommandSource } from "./command_source.ts";
import { type CommandTriggers, requireFree } from "./command_triggers.ts";
import { LocalCalls } from "./local_calls.ts";

/** Services of commands: those of every source, and the table that commands call. */
export interface CommandServices extends EventServices {
  readonly commands: CommandTriggers<CallReply>;
}

/** Makes the row of CommandReader. */
export function createCommandKind(services: CommandServices): SourceKind {
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
