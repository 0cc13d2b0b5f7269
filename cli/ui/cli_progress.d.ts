/** The part of `cli-progress` that `progress.ts` uses. */
export interface Options {
  format: string;
  /** Default stderr. */
  stream?: unknown;
  barsize?: number;
  barCompleteChar?: string;
  barIncompleteChar?: string;
  hideCursor?: boolean;
  clearOnComplete?: boolean;
  gracefulExit?: boolean;
  emptyOnZero?: boolean;
}

export class SingleBar {
  constructor(options: Options);
  start(total: number, value: number, payload?: Record<string, string>): void;
  setTotal(total: number): void;
  update(value: number, payload?: Record<string, string>): void;
  stop(): void;
}

declare const cliProgress: { SingleBar: typeof SingleBar };
export default cliProgress;
