/**
 * Folders outside of the repository that tests are given by environment variables: executables of
 * further servers, and scripts as they were printed. Where a variable is unset, the cases that need
 * its folder are skipped by name.
 *
 * @module
 */

/** Names the folder of executables, each a whole server: `redis-6.2.16-server`, … */
const SERVERS_VARIABLE = "PINION_TEST_SERVERS";
/** Names the folder of the Python scripts that are printed in articles about RedisGears. */
const SCRIPTS_VARIABLE = "PINION_SEED_SCRIPTS";
/** Tells `findServer` which program to start. */
const PROGRAM_VARIABLE = "PINION_REDIS_SERVER";
const SERVER_NAME = /^(?:redis|valkey)-[\d.]+-server$/;

/** Registers a case for each further server; `ManagedServer.start` starts that one meanwhile. */
export function furtherServerTest(name: string, run: () => Promise<void>): void {
  const given = Deno.env.get(SERVERS_VARIABLE);
  if (!given) {
    Deno.test.ignore(`${name}, further servers (${SERVERS_VARIABLE} is unset)`, () => {});
    return;
  }
  const folder = Deno.realPathSync(given);
  for (const server of listServers(folder)) {
    Deno.test(`${name}, ${server}`, async () => {
      using _chosen = choose(`${folder}/${server}`);
      await run();
    });
  }
}

/** Registers a case for a printed script, which is given its text. */
export function printedScriptTest(file: string, run: (script: string) => Promise<void>): void {
  const folder = Deno.env.get(SCRIPTS_VARIABLE);
  const name = `printed script ${file}`;
  if (!folder) Deno.test.ignore(`${name} (${SCRIPTS_VARIABLE} is unset)`, () => {});
  else Deno.test(name, async () => await run(await Deno.readTextFile(`${folder}/${file}`)));
}

/** Names of the servers of a folder, sorted. @throws Error where it holds none */
export function listServers(folder: string): string[] {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => SERVER_NAME.test(name)).sort();
  if (names.length > 0) return names;
  throw new Error(
    `Cannot test further servers: ${SERVERS_VARIABLE} is ${folder}, which holds none`,
  );
}

function choose(program: string): Disposable {
  const before = Deno.env.get(PROGRAM_VARIABLE);
  Deno.env.set(PROGRAM_VARIABLE, program);
  return {
    [Symbol.dispose]() {
      if (before === undefined) Deno.env.delete(PROGRAM_VARIABLE);
      else Deno.env.set(PROGRAM_VARIABLE, before);
    },
  };
}
