/**
 * A Debian of the smallest kind in a folder, with Node and this checkout copied in, and nothing
 * else.
 *
 * @module
 */

import { hasProgram } from "../../tools/testing/requirements.ts";
import { CHECKOUT, runCommand } from "./support.ts";

/** Where the checkout is inside. */
const INSIDE = "/pinion";
const NODE_MODULES = "/usr/lib/node_modules";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Name files of certificates that this machine's network needs; such a file is copied in, too. */
const CERTIFICATE_VARIABLES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "DENO_CERT"];

/** True where a root can be made: as root of a Debian that has `debootstrap`. */
export async function canMakeRoot(): Promise<boolean> {
  return Deno.build.os === "linux" && Deno.uid() === 0 && await hasProgram("debootstrap");
}

/** See the module. */
export class BareDebian implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: readonly string[];

  private constructor(folder: string, env: readonly string[]) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Makes one, of the release of this machine. Takes one to two minutes. */
  static async create(): Promise<BareDebian> {
    const folder = await Deno.makeTempDir({ prefix: "bare-debian-" });
    const root = new BareDebian(folder, await listEnv());
    try {
      // Programs inside run as others, too, such as apt-get's.
      await Deno.chmod(folder, 0o755);
      await runCommand("debootstrap", ["--variant=minbase", await readRelease(), folder]);
      await copyNode(folder);
      await copyCertificates(folder);
      await copyCheckout(`${folder}${INSIDE}`);
      return root;
    } catch (error) {
      await root[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a command of the shell in the checkout, in a process tree of its own; what it printed. */
  async run(command: string): Promise<string> {
    const enter = [
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      `--mount-proc=${this.#folder}/proc`,
    ];
    const env = ["-i", `PATH=${PATH}`, "HOME=/root", "NO_COLOR=1", ...this.#env];
    return await runCommand("unshare", [
      ...enter,
      ...["chroot", this.#folder, "/usr/bin/env", ...env],
      ...["sh", "-c", `cd ${INSIDE} && ${command}`],
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function readRelease(): Promise<string> {
  const text = await Deno.readTextFile("/etc/os-release");
  const [, name] = /^VERSION_CODENAME=(\w+)/m.exec(text) ?? [];
  if (name === undefined) throw new Error("Cannot find the release: /etc/os-release names none");
  return name;
}

/** Copies the program, and npm with the link that makes it `npx`. */
async function copyNode(folder: string): Promise<void> {
  const print = ["-p", "process.execPath"];
  await Deno.copyFile((await runCommand("node", print)).trim(), `${folder}/usr/bin/node`);
  const modules = (await runCommand("npm", ["root", "--global"])).trim();
  await Deno.mkdir(`${folder}${NODE_MODULES}`, { recursive: true });
  await runCommand("cp", ["-a", `${modules}/npm`, `${folder}${NODE_MODULES}/npm`]);
  for (const name of ["npm", "npx"]) {
    await Deno.symlink(
      `..${NODE_MODULES.slice(4)}/npm/bin/${name}-cli.js`,
      `${folder}/usr/bin/${name}`,
    );
  }
}

async function listEnv(): Promise<string[]> {
  const given = CERTIFICATE_VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  return await Array.fromAsync(
    given.filter(([, file]) => file),
    ([name, file]) => `${name}=${file}`,
  );
}

async function copyCertificates(folder: string): Promise<void> {
  for (const name of CERTIFICATE_VARIABLES) {
    const file = Deno.env.get(name);
    if (file) await runCommand("cp", ["--dereference", "--parents", file, folder]);
  }
}

/** Copies what git knows, or may come to know, and nothing that was built here. */
async function copyCheckout(target: string): Promise<void> {
  await Deno.mkdir(target);
  const list = "git ls-files --cached --others --exclude-standard -z";
  const copy = `${list} | tar -c --null --ignore-failed-read -T - | tar -x -C "$0"`;
  await runCommand("sh", ["-c", copy, target], { cwd: CHECKOUT });
}
