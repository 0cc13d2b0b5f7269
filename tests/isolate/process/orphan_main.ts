/**
 * A runtime that is about to be killed: it starts an isolate beside the Redis at the port given,
 * loads a module that never ends, prints the isolate's process id and waits.
 *
 * @module
 */

import { prepareChildBundle } from "../../support/child_bundle.ts";
import { Isolate } from "../../../isolate/process/isolate.ts";
import { loadMessage } from "./load_message.ts";

const [directory, port, source] = Deno.args;
const isolate = await Isolate.start({
  bundle: await prepareChildBundle(),
  directory,
  redis: { host: "127.0.0.1", port: Number(port), db: 0, tls: false },
  clustered: false,
});
isolate.onMessage = (message) => {
  if (message.type === "log") console.log(isolate.pid);
};
isolate.send(loadMessage(source));
await isolate.ended;
