/**
 * `deno task test`: makes sure that there is a Redis, then runs all tests.
 *
 * Arguments go to `deno test`, such as a folder or `--filter NAME`. Files are run one after the other:
 * what a bystander notices of an attack says nothing beside other tests.
 *
 * @module
 */

import { findServer, installServer } from "../redis/server_binary.ts";

const ROOT = new URL("../", import.meta.url);
const FLAGS = [
  "test",
  "--allow-all",
  "--sanitize-ops",
  "--sanitize-resources",
  // What the runtime holds is compared without garbage.
  "--v8-flags=--expose-gc",
];

if ((await findServer()) === undefined) await installServer((line) => console.error(line));

const given = Deno.args.length > 0 ? Deno.args : ["tests"];
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [...FLAGS, ...given],
  cwd: ROOT,
}).spawn().status;
Deno.exit(code);
