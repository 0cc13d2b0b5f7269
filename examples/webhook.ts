/**
 * Calls a webhook for each order. The host has to be allowed when it is deployed; where it does not
 * answer, the message is tried again, later and later, and other streams go on meanwhile.
 *
 * ```sh
 * deno task deploy examples/webhook.ts --env URL=http://127.0.0.1:9000/orders --allow-net 127.0.0.1:9000
 * redis-cli -p 6380 XADD orders:eu '*' id 7 total 120
 * ```
 *
 * @module
 */
import { env, GearsBuilder, NonRetryableError } from "pinion";

new GearsBuilder("StreamReader")
  .forEach(async ({ id, value }) => {
    const response = await fetch(env.URL, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": id },
      body: JSON.stringify(value),
    });
    await response.body?.cancel();
    if (response.ok) return;
    const message = `the webhook answered with ${response.status}`;
    // What the receiver calls wrong today it will call wrong tomorrow.
    if (response.status >= 400 && response.status < 500) throw new NonRetryableError(message);
    throw new Error(message);
  })
  .register({ prefix: "orders:*", name: "orders", onFailedPolicy: "retry", trimStream: false });
