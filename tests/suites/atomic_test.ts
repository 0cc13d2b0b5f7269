import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { engineSuite } from "../support/engine_suite.ts";
import type { TestEngine } from "../support/start_engine.ts";

/** What an async function body gives or throws, run as a callback. */
async function runBody(test: TestEngine, body: string): Promise<unknown> {
  const { results, errors } = await test.run(
    `GB("GeneratorReader").map(async () => { ${body} }).run(() => [0])`,
  );
  return errors.length > 0 ? errors[0] : results[0];
}

engineSuite("conformance: atomic", {
  "gives the replies of the queued commands": async (test) => {
    const replies = await runBody(
      test,
      `return await atomic((tx) => {
        tx.execute("SET", "a", 1);
        tx.execute("INCR", "a");
        tx.execute("GET", "none");
        tx.execute("RPUSH", "l", new Uint8Array([0xff]), "x");
      });`,
    );
    assertEquals(replies, ["OK", 2, null, 2]);
  },

  "an empty block does nothing": async (test) => {
    assertEquals(await runBody(test, `return await atomic(() => {});`), []);
    assertEquals(await runBody(test, `return await atomic(["k"], async () => {});`), []);
  },

  "nothing of the session comes between its commands": async (test) => {
    const replies = await runBody(
      test,
      `const both = await Promise.all([
        ...Array.from({ length: 100 }, () => execute("INCR", "n")),
        atomic((tx) => { for (let n = 0; n < 100; n++) tx.execute("INCR", "n"); }),
        ...Array.from({ length: 100 }, () => execute("INCR", "n")),
      ]);
      return both[100];`,
    ) as number[];
    assertEquals(replies, Array.from({ length: 100 }, (_, n) => replies[0] + n));
  },

  "a block that watches is called again while others change its keys": async (test) => {
    await test.ask("SET", "stock", 0);
    let isOver = false;
    let others = 0;
    const rival = (async () => {
      while (!isOver) {
        await test.ask("INCR", "stock");
        others++;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    const calls = await runBody(
      test,
      `let calls = 0;
       for (let n = 0; n < 100; n++) {
         await atomic(["stock"], async (tx) => {
           calls++;
           const stock = Number(await execute("GET", "stock"));
           tx.execute("SET", "stock", stock + 1);
         });
       }
       return calls;`,
    ).finally(() => isOver = true);
    await rival;
    assert((calls as number) >= 100);
    assertEquals(Number(await test.ask("GET", "stock")), others + 100);
  },

  "blocks that watch run one after the other in a session": async (test) => {
    await test.ask("SET", "n", 0);
    const [calls] = await test.results(`let calls = 0;
      GB("GeneratorReader").map((n) => atomic(["n"], async (tx) => {
        calls++;
        tx.execute("SET", "n", Number(await execute("GET", "n")) + 1);
      })).map(() => calls).limit(1, 99).run(function* () { for (let n = 0; n < 100; n++) yield n; });`);
    assertEquals(calls, 100);
    assertEquals(await test.ask("GET", "n"), "100");
  },

  "it gives up when the keys keep changing": async (test) => {
    const message = await runBody(
      test,
      `let calls = 0;
       return await atomic(["k"], async (tx) => {
         await execute("SET", "k", calls++);
         tx.execute("SET", "k", "mine");
       });`,
    );
    assertMatch(
      String(message),
      /^atomic gave up after 100 attempts: the watched keys \(k\) were changed by others each time/,
    );
    assertEquals(await test.ask("GET", "k"), "99");
  },

  "a command that fails is named, the others were applied": async (test) => {
    await test.ask("SET", "text", "x");
    const message = await runBody(
      test,
      `return await atomic((tx) => {
        tx.execute("SET", "a", 1);
        tx.execute("INCR", "text");
        tx.execute("SET", "b", 1);
      });`,
    );
    assertStringIncludes(
      String(message),
      "atomic: command 2 (INCR) failed, the others were applied: " +
        "ERR value is not an integer or out of range",
    );
    assertEquals(await test.ask("MGET", "a", "b"), ["1", "1"]);
  },

  "a command that cannot be queued applies nothing": async (test) => {
    const message = await runBody(
      test,
      `return await atomic((tx) => { tx.execute("SET", "a", 1); tx.execute("NOSUCH"); });`,
    );
    assertMatch(String(message), /^ERR unknown command 'NOSUCH'/);
    assertEquals(await test.ask("EXISTS", "a"), 0);
  },

  "a block that throws applies nothing, and the session goes on": async (test) => {
    for (const keys of ["", '["k"], ']) {
      const message = await runBody(
        test,
        `return await atomic(${keys}async (tx) => {
          tx.execute("SET", "a", 1);
          await execute("PING");
          throw new Error("no");
        }).catch(async (error) => [error.message, await execute("SET", "b", 1)]);`,
      );
      assertEquals(message, ["no", "OK"]);
      assertEquals(await test.ask("EXISTS", "a"), 0);
    }
  },

  "arguments and commands that cannot be leave the connection as it was": async (test) => {
    const calls: readonly (readonly [call: string, message: string])[] = [
      [`tx.execute("SET", "a", null)`, "Cannot execute SET: expected arguments of type string"],
      [`tx.execute(5)`, "the given command must be a string, got 5"],
      [`tx.execute("BLPOP", "a", 0)`, "Cannot execute BLPOP: it would hold up"],
      [`tx.execute("EXEC")`, "Cannot execute EXEC: use atomic()"],
    ];
    for (const [call, message] of calls) {
      const caught = await runBody(
        test,
        `return await atomic((tx) => { tx.execute("SET", "a", 1); ${call}; })
          .catch(async (error) => [error.message, await execute("PING")]);`,
      ) as [string, string];
      assertStringIncludes(caught[0], message);
      assertEquals(caught[1], "PONG");
    }
    assertEquals(await test.ask("EXISTS", "a"), 0);
  },

  "a block within a watching block is refused": async (test) => {
    const message = await runBody(
      test,
      `return await atomic(["a"], async () => {
        await execute("PING");
        await atomic(["b"], (tx) => tx.execute("PING"));
      });`,
    );
    assertMatch(String(message), /^Already inside an atomic block: watch all keys/);
  },

  "commands after the end of a block are refused": async (test) => {
    const message = await runBody(
      test,
      `let kept;
       await atomic((tx) => { kept = tx; });
       kept.execute("SET", "a", 1);`,
    );
    assertMatch(
      String(message),
      /^Cannot queue SET: the atomic block is over \(script\.ts:3:\d+\)$/,
    );
  },
});
