/** One server-sent event; `data` may hold line breaks. */
export interface ServerSentEventMessage {
  readonly event?: string;
  readonly data?: string;
  readonly id?: string | number;
  readonly retry?: number;
  readonly comment?: string;
}
/** Turns messages into the bytes of a `text/event-stream` body. */
export class ServerSentEventStream
  extends TransformStream<ServerSentEventMessage, Uint8Array<ArrayBuffer>> {}
