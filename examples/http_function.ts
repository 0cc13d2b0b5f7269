/**
 * A library with one export of each kind: a function, a batch job and an HTTP handler.
 *
 * ```sh
 * deno task deploy examples/http_function.ts --env GREETING=Hello
 * curl http://127.0.0.1:7480/invoke/http_function/greet -d '{"name":"Ada"}'
 * curl -X POST http://127.0.0.1:7480/invoke/http_function/visits
 * curl http://127.0.0.1:7480/fn/http_function/visits/Ada
 * ```
 *
 * @module
 */
import { env, execute, GearsBuilder } from "pinion";

interface Visitor {
  name: string;
  visits: number;
}

/** Greets and counts: `{"name":"Ada"}` gives `{"text":"Hello, Ada!","visits":1}`. */
export async function greet({ name }: { name: string }): Promise<object> {
  const visits = await execute("INCR", `visits:${name}`);
  return { text: `${env.GREETING ?? "Hello"}, ${name}!`, visits };
}

/** All counters: without an action, it runs each time it is invoked. */
export const visits: GearsBuilder<"KeysReader", Visitor> = new GearsBuilder(
  "KeysReader",
  "visits:*",
)
  .map(({ key, value }) => ({ name: key.slice("visits:".length), visits: Number(value) }))
  .sort((a, b) => b.visits - a.visits);

/** Answers `GET /fn/http_function/visits/{name}`. */
export default {
  async fetch(request: Request): Promise<Response> {
    const [, page, name] = new URL(request.url).pathname.split("/");
    if (page !== "visits" || !name) return new Response("Try /visits/Ada\n", { status: 404 });
    const visits = await execute("GET", `visits:${decodeURIComponent(name)}`);
    return Response.json({ name, visits: Number(visits ?? 0) });
  },
};
