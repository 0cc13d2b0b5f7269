import { assert, assertEquals } from "@std/assert";
import { firstKey } from "../../redis/command_keys.ts";
import { ManagedServer } from "../../servers/managed_server.ts";
import { NodeClient } from "../../redis/link/node_client.ts";
import type { RespValue } from "../../redis/resp_decoder.ts";

/** What a command's arguments may be, so that the server finds its keys. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  bitop: "AND key other",
  blmpop: "0 1 key LEFT",
  bzmpop: "0 1 key MIN",
  eval: "script 1 key",
  eval_ro: "script 1 key",
  evalsha: "script 1 key",
  evalsha_ro: "script 1 key",
  fcall: "name 1 key",
  fcall_ro: "name 1 key",
  lmpop: "1 key LEFT",
  migrate: "host 1 key 0 1",
  pfdebug: "GETREG key",
  sintercard: "1 key",
  xread: "COUNT 1 STREAMS key 0",
  xreadgroup: "GROUP a b STREAMS key >",
  zdiff: "1 key",
  zinter: "1 key",
  zintercard: "1 key",
  zmpop: "1 key MIN",
  zunion: "1 key",
  zdiffstore: "key 1 other",
  zinterstore: "key 1 other",
  zunionstore: "key 1 other",
};

/** `[name, takes a key]` of every command and sub-command. */
async function listCommands(client: NodeClient): Promise<[name: string, hasKey: boolean][]> {
  const found: [string, boolean][] = [];
  const add = (entry: RespValue[]) => {
    const subcommands = entry[9] as RespValue[][] | undefined;
    if (subcommands?.length) return subcommands.forEach(add);
    found.push([String(entry[0]), (entry[8] as RespValue[])?.length > 0]);
  };
  (await client.ask("COMMAND") as RespValue[][]).forEach(add);
  return found;
}

Deno.test("the first key is where the server has it, for every command that it knows", async () => {
  await using server = await ManagedServer.start();
  using client = new NodeClient(server.address);
  const commands = await listCommands(client);
  assert(commands.length > 300, String(commands.length));
  for (const [name, hasKey] of commands) {
    const [command, ...words] = name.split("|");
    const given = ARGUMENTS[command] ?? "key a b c d e f";
    // Channels of SPUBLISH and its kin have slots, too, though the server calls them no keys.
    if (/^(spublish|ssubscribe|sunsubscribe)$/.test(command)) continue;
    const args = [...words, ...given.split(" ")];
    assertEquals(firstKey(command, args), hasKey ? "key" : undefined, `${name} ${given}`);
  }
});

Deno.test("keys may be bytes or numbers; names of commands are in any case", () => {
  const bytes = new Uint8Array([255, 0]);
  assertEquals(firstKey("get", [bytes]), bytes);
  assertEquals(firstKey("GeT", [7]), "7");
  assertEquals(firstKey("xinfo", ["Stream", "s"]), "s");
  assertEquals(firstKey("object", [new TextEncoder().encode("freq"), "k"]), "k");
});

Deno.test("some commands have no key by their arguments", () => {
  assertEquals(firstKey("EVAL", ["return 1", 0, "argument"]), undefined);
  assertEquals(firstKey("XREAD", ["COUNT", 1]), undefined);
  assertEquals(firstKey("MIGRATE", ["h", 1, "", 0, 1, "KEYS", "a", "b"]), "a");
  assertEquals(firstKey("FT.SEARCH", ["index", "*"]), undefined);
  assertEquals(firstKey("JSON.GET", ["key"]), "key");
  assertEquals(firstKey("GET", []), undefined);
});
