import { BareDebian, canMakeRoot } from "./bare_debian.ts";
import { assertClosingLine, IS_SAMPLE, LONG_MS } from "./support.ts";

/** Tests of what a bare machine lacks: processes to look at, certificates, a server, a browser. */
const SAMPLE = [
  "tests/servers",
  "tests/support",
  "tests/cli/start_test.ts",
  "tests/coordinator/mesh/greeting_test.ts",
  "tests/runtime/engine/abort_test.ts",
];

Deno.test({
  name: "the README's two commands in a bare Debian root (needs debootstrap and root's rights)",
  ignore: !await canMakeRoot(),
  timeout: LONG_MS,
  async fn(t) {
    await using root = await BareDebian.create();
    await t.step("npx -y deno task demo", async () => {
      await root.run("npx -y deno task demo");
    });
    if (IS_SAMPLE) {
      const command = `npx -y deno task test ${SAMPLE.join(" ")}`;
      await t.step(command, async () => {
        await root.run(command);
      });
    } else {
      await t.step("npx -y deno task test", async () => {
        assertClosingLine(await root.run("npx -y deno task test"));
      });
    }
  },
});
