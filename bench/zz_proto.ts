import { ManagedServer } from "/work/main/redis/managed_server.ts";
import { load } from "/work/main/bench/data/load.ts";
import { makeTexts } from "/work/main/bench/data/texts.ts";
import { makeMovies } from "/work/main/bench/data/movies.ts";
import { RuntimeProcess } from "./support/runtime_process.ts";
const N = Number(Deno.args[0] ?? 200000);
await using s = await ManagedServer.start();
const t = makeTexts(N, 1), m = makeMovies(N/10, 2);
await load(s.address, t.commands);
await load(s.address, m.commands);
await using rt = await RuntimeProcess.start(s.url);
for (let i = 0; i < 5; i++) {
  let t0 = performance.now();
  const r = await rt.run<{key:string,value:number}>(`GB("KeysReader").map((r) => r.value).flatMap((s) => s.split(" ")).countBy().run("text:*");`);
  console.log("ours", r.length, (performance.now()-t0).toFixed(), r.every(({key,value})=>t.counts.get(key)===value));
  t0 = performance.now();
  const q = await rt.run(`GB("KeysOnlyReader").map(async (key) => await execute("HGET", key, "genre")).countBy().run("movie:*");`);
  console.log("movies", q.length, (performance.now()-t0).toFixed());
  await rt.becomeQuiet(1);
}
