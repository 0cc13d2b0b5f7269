import { ManagedServer } from "/work/main/redis/managed_server.ts";
import { RuntimeProcess } from "./support/runtime_process.ts";
await using s = await ManagedServer.start();
await using rt = await RuntimeProcess.start(s.url);
await rt.deploy("lib", "export async function empty() {}");
const port = new URL(rt.url).port;
const run = async (args: string[]) => console.log(new TextDecoder().decode((await new Deno.Command(Deno.execPath(), { args: ["run", "-A", ...args] }).output()).stdout).trim().split("\n").at(-1));
for (let i = 0; i < 3; i++) {
  await run(["bench/zz_ffi.ts", port, "50", "4", "/invoke/lib/empty"]);
  await run(["bench/zz_gen.ts", port, "http", "50", "4", "/invoke/lib/empty"]);
}
