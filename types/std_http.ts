/**
 * `@std/http` from the npm mirror, with the types that the mirror leaves out.
 *
 * The mirror's `http/mod.js` loads a file server whose dependencies it does not carry, so the
 * parts in use are imported one by one.
 *
 * @module
 */
// @ts-types="./std_http_negotiation.d.ts"
export { accepts } from "deno-std/http/negotiation.js";
// @ts-types="./std_http_events.d.ts"
export { ServerSentEventStream } from "deno-std/http/server_sent_event_stream.js";
// @ts-types="./std_http_status.d.ts"
export { STATUS_TEXT } from "deno-std/http/status.js";
