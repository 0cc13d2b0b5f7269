/**
 * What a scene of the demo is.
 *
 * @module
 */

import type { Redis } from "ioredis";
import type { Client } from "../base/client.ts";
import type { DemoStore } from "./demo_store.ts";
import type { Bar } from "../ui/bar_chart.ts";

/** What a scene can use. */
export interface Stage {
  readonly client: Client;
  /** A connection to the runtime's RESP side. */
  readonly resp: Redis;
  /** The data. */
  readonly store: DemoStore;
  /** `127.0.0.1:6380`, for what is printed. */
  readonly respAddress: string;
  readonly signal: AbortSignal;
}

/** What a scene gave, in the form that shows it best. */
export type Picture =
  | { readonly kind: "bars"; readonly bars: readonly Bar[] }
  | { readonly kind: "table"; readonly rows: readonly Readonly<Record<string, unknown>>[] }
  | { readonly kind: "text"; readonly text: string };

/** What came of a scene. */
export interface SceneOutcome {
  /** One line. */
  readonly summary: string;
  readonly picture: Picture;
  /** Time of the call itself. */
  readonly ms: number;
}

/** One function, how it is called, and what it gives. */
export interface Scene {
  readonly name: string;
  /** One line that says what it does. */
  readonly title: string;
  /** The way it takes, as a person would type it. */
  readonly via: (stage: Stage) => string;
  /** A file under examples/ (`part` is what is shown of it, default all), or the text itself. */
  readonly source:
    | { readonly file: string; readonly part?: RegExp }
    | { readonly text: string };
  readonly play: (stage: Stage, source: string) => Promise<SceneOutcome>;
}
