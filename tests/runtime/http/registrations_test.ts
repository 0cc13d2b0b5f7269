import { assertEquals, assertMatch } from "@std/assert";
import { RegistrationInfo } from "../../../contract/api/schemas.ts";
import { startRuntime } from "../../support/start_runtime.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { ask, fail, json, post } from "./http_client.ts";

const UNKNOWN = `${"0".repeat(40)}-999`;
const SCRIPT = `GB("StreamReader").register({ prefix: "s", name: "first" });
  GB("StreamReader").register({ prefix: "t" });`;

Deno.test("registrations over HTTP", async (t) => {
  await using runtime = await startRuntime();
  const url = `${runtime.http}/v1/registrations`;
  assertEquals((await ask(url)).body, []);

  const { body } = await ask(`${runtime.http}/v1/run?id=mine`, post(SCRIPT, "text/plain"));
  assertEquals([body.executionId, body.results, body.registrations.length], [null, [], 2]);
  const [id, other] = body.registrations;

  await t.step("they are listed and shown, as the schema says", async () => {
    const { body } = await ask(url);
    for (const info of body) assertEquals(RegistrationInfo.parse(info), info);
    assertEquals(body.map((info: { id: string }) => info.id), [id, other]);
    assertEquals(body[0].name, "first");
    assertEquals((await ask(`${url}/${id}`)).body.id, id);
    const sessions = (await ask(`${runtime.http}/v1/sessions`)).body;
    assertEquals(sessions[0].registrations, [id, other]);
  });

  await t.step("they are paused, drained and resumed", async () => {
    const change = async (verb: string) =>
      (await ask(`${url}/${id}/${verb}`, { method: "POST" })).body.status;
    assertEquals(await change("pause"), "PAUSED");
    assertEquals(await change("resume"), "OK");
    assertMatch(await change("drain"), /^(DRAINING|PAUSED)$/);
    assertEquals(await change("resume"), "OK");
    assertEquals((await ask(`${url}/${other}`)).body.status, "OK");
  });

  await t.step("what there is not is not found", async () => {
    await fail(404, "NO_REGISTRATION", `${url}/${UNKNOWN}`);
    await fail(404, "NO_REGISTRATION", `${url}/${UNKNOWN}`, { method: "DELETE" });
    for (const verb of ["pause", "drain", "resume"]) {
      await fail(404, "NO_REGISTRATION", `${url}/${UNKNOWN}/${verb}`, { method: "POST" });
    }
  });

  await t.step("they are ended; a script goes with the last one", async () => {
    assertEquals((await ask(`${url}/${id}?abortPending`, { method: "DELETE" })).status, 204);
    await fail(404, "NO_REGISTRATION", `${url}/${id}`, { method: "DELETE" });
    assertEquals((await ask(url)).body.length, 1);
    assertEquals((await ask(`${url}/${other}`, { method: "DELETE" })).status, 204);
    assertEquals((await ask(url)).body, []);
    await waitUntil(async () => (await ask(`${runtime.http}/v1/sessions`)).body.length === 0);
  });

  await t.step(
    "a library that only registers is deployed, and shows what it registers",
    async () => {
      const source = `import { GB } from "pinion"; GB("StreamReader").register({ prefix: "s" });`;
      const library = `${runtime.http}/v1/libraries/lib`;
      assertEquals((await ask(library, json("PUT", { source }))).status, 201);
      assertEquals((await ask(url)).body[0].library, "lib");
      assertEquals((await ask(library, { method: "DELETE" })).status, 204);
      assertEquals((await ask(url)).body, []);
    },
  );
});
