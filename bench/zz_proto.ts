import { ManagedServer } from "/work/main/redis/managed_server.ts";
import { load } from "/work/main/bench/data/load.ts";
import { makeTexts } from "/work/main/bench/data/texts.ts";
import { makeMovies } from "/work/main/bench/data/movies.ts";
import { Redis } from "ioredis";
const N = Number(Deno.args[0] ?? 200000);
await using s = await ManagedServer.start();
const t = makeTexts(N, 1), m = makeMovies(N/10, 2);
let t0 = performance.now();
await load(s.address, t.commands);
await load(s.address, m.commands);
console.log("load", performance.now()-t0);
const r = new Redis(s.url, {lazyConnect:false});
const lua = (pat: string, count: number) => `
local counts = {}
local gmatch, call = string.gmatch, redis.call
local cursor = "0"
repeat
  local page = call("SCAN", cursor, "MATCH", "text:*", "COUNT", ${count})
  cursor = page[1]
  if #page[2] > 0 then
    local values = call("MGET", unpack(page[2]))
    for i = 1, #values do
      local v = values[i]
      if v then for word in gmatch(v, "${pat}") do counts[word] = (counts[word] or 0) + 1 end end
    end
  end
until cursor == "0"
local reply = {}
for w, c in pairs(counts) do reply[#reply+1] = w; reply[#reply+1] = c end
return reply`;
async function client(overlap: boolean) {
  const counts = new Map<string, number>();
  const count = (values: (string|null)[]) => { for (const v of values) if (v !== null) for (const w of v.split(" ")) counts.set(w, (counts.get(w) ?? 0) + 1); };
  if (!overlap) {
    let cursor = "0";
    do {
      const [next, keys] = await r.scan(cursor, "MATCH", "text:*", "COUNT", 1000);
      cursor = next;
      if (keys.length) count(await r.mget(keys));
    } while (cursor !== "0");
  } else {
    let page: Promise<[string,string[]]>|null = r.scan("0", "MATCH", "text:*", "COUNT", 1000);
    while (page) {
      const [cursor, keys]: [string,string[]] = await page;
      const values = keys.length ? r.mget(keys) : [];
      page = cursor === "0" ? null : r.scan(cursor, "MATCH", "text:*", "COUNT", 1000);
      count(await values);
    }
  }
  return counts;
}
for (let i = 0; i < 3; i++) {
  for (const [pat,c] of [["%S+",1000],["%S+",100],["[^ ]+",1000],["%a+",1000],["%S+",3000]] as [string,number][]) {
    t0 = performance.now(); const x = await r.eval(lua(pat,c), 0) as unknown[]; console.log("lua", pat, c, x.length, (performance.now()-t0).toFixed());
  }
  for (const o of [false,true]) { t0 = performance.now(); const x = await client(o); console.log("client", o, x.size, (performance.now()-t0).toFixed()); }
}
r.disconnect();
