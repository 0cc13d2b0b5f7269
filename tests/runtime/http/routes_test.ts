import { assert, assertEquals, assertThrows } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { parseInvokePath } from "../../../runtime/http/routes/invoke_path.ts";
import { Router } from "../../../runtime/http/server/match_route.ts";
import { ROUTE_TABLE } from "../../../runtime/http/routes/route_table.ts";

const router = new Router(ROUTE_TABLE);

/** Pattern and values of a match, or the methods of a miss. */
function match(method: string, path: string) {
  const found = router.match(method, path);
  return "route" in found ? [found.route.path, found.params] : found.allow;
}

Deno.test("paths are matched segment by segment", () => {
  assertEquals(match("GET", "/"), ["/", {}]);
  assertEquals(match("HEAD", "/healthz"), ["/healthz", {}]);
  assertEquals(match("GET", "/v1/executions/a-1/results"), [
    "/v1/executions/{id}/results",
    { id: "a-1" },
  ]);
  assertEquals(match("GET", "/v1/executions/a%2Fb"), ["/v1/executions/{id}", { id: "a/b" }]);
  for (const path of ["/fn/lib", "/fn/lib/", "/fn/lib/a/b"]) {
    assertEquals(match("PATCH", path), ["/fn/{library}/*", { library: "lib" }]);
  }
  for (const path of ["/nothing", "/v1", "/v1/run/", "/fn", "/fn/", "/v1/executions/", "//"]) {
    assertEquals(match("GET", path), [], path);
  }
});

Deno.test("a path with other methods says which", () => {
  assertEquals(match("PATCH", "/v1/executions/x"), ["GET", "HEAD", "DELETE"]);
  assertEquals(match("GET", "/v1/run"), ["POST"]);
});

Deno.test("a path that does not decode is refused", () => {
  assertThrows(() => router.match("GET", "/v1/executions/%ff"), PinionError, "percent-encoded");
});

Deno.test("no two rows are for the same method and path", () => {
  const keys = ROUTE_TABLE.map(({ method, path }) => `${method} ${path}`);
  assertEquals(new Set(keys).size, keys.length);
});

Deno.test("the short way recognises what the router would", () => {
  const origin = "http://127.0.0.1:7480";
  const cases: readonly (readonly [string, readonly [string, string] | undefined])[] = [
    ["/invoke/lib/fn", ["lib", "fn"]],
    ["/invoke/l/f", ["l", "f"]],
    ["/invoke/lib/", undefined],
    ["/invoke/lib", undefined],
    ["/invoke//fn", undefined],
    ["/invoke/lib/fn/x", undefined],
    ["/invoke/lib/fn?x=1", undefined],
    ["/invoke/lib/%66n", undefined],
    ["/v1/invoke/lib/fn", undefined],
    ["", undefined],
  ];
  for (const [path, expected] of cases) {
    const found = parseInvokePath(origin + path, origin.length);
    assertEquals(found && [found.library, found.exportName], expected && [...expected], path);
    if (found !== undefined) assert("route" in router.match("POST", path));
  }
});
