/**
 * Services of a session that its parts use too.
 *
 * @module
 */

import type {
  AddedMessage,
  AddingMessage,
  WroteMessage,
} from "../../../contract/isolate/messages/chain.ts";
import type { ClusterExecutions } from "../../execution/cluster_executions.ts";
import type { ExecutionStore } from "../../execution/execution_store.ts";
import type { SessionLimits } from "../../../contract/isolate/session_limits.ts";
import type { LogBook } from "../../base/log_book.ts";
import type { PlaceMapper } from "../../../contract/text/place_mapper.ts";

/** Takes what executions of events say of what they write. */
export interface ChainTeller {
  take(
    message: WroteMessage | AddingMessage | AddedMessage,
    /** Resolves when all that its session has said by now has come. */
    writer: { sync(): Promise<void> },
  ): void;
}

/** Services that a session uses. */
export interface SessionContext {
  readonly executions: ExecutionStore;
  /** Those that other shards take part in; null where this shard stands alone. */
  readonly cluster: ClusterExecutions | null;
  readonly logs: LogBook;
  readonly chains: ChainTeller;
  readonly limits: SessionLimits;
  /** Hash of the library's version; none where it is a script that is not kept. */
  readonly version?: string;
  /** Rewrites places in errors to the author's files. */
  readonly places?: PlaceMapper;
}
