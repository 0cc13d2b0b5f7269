/**
 * Installs what the tests need and a bare Debian machine lacks.
 *
 * @module
 */

import { findServer, installServer } from "../../servers/server_binary.ts";

/** Makes certificates for tests of the mesh; program and Debian package. */
const OPENSSL = "openssl";
/** How long to wait for another apt-get. */
const LOCK_SECONDS = 60;

/**
 * Makes sure that there is a Redis and an openssl. @throws PinionError where Redis cannot be
 * installed
 */
export async function installRequirements(onMessage: (line: string) => void): Promise<void> {
  if (await findServer() === undefined) await installServer(onMessage);
  if (await hasProgram(OPENSSL)) return;
  onMessage(`Installing ${OPENSSL} with apt-get`);
  if (!await installPackage(OPENSSL)) {
    onMessage(`Cannot install ${OPENSSL}: the tests of certificates will fail`);
  }
}

/** True where a program can be started. */
export async function hasProgram(name: string): Promise<boolean> {
  try {
    await new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Installs a Debian package; false where that is not possible. */
async function installPackage(name: string): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0 || !await hasProgram("apt-get")) return false;
  const options = ["-o", `DPkg::Lock::Timeout=${LOCK_SECONDS}`, "-y", "--no-install-recommends"];
  for (const args of [["update"], ["install", ...options, name]]) {
    const command = new Deno.Command("apt-get", {
      args,
      stdin: "null",
      stdout: "null",
      env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
    });
    if (!(await command.output()).success) return false;
  }
  return true;
}
