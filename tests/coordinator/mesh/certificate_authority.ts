/**
 * Certificates for tests, made with the `openssl` of this machine.
 *
 * @module
 */

import { isIP } from "node:net";

/** Signs certificates. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** A certificate and its key, in PEM; for the address here, as a bare machine knows no name. */
  issue(host?: string): Promise<{ certificate: string; key: string }>;
}

/** A new authority, valid for a day. */
export async function createAuthority(): Promise<Authority> {
  const name = `/CN=authority ${crypto.randomUUID()}`;
  const ca = await inFolder(async (folder) => {
    await openssl(folder, [
      ...["req", "-x509", ...NEW_KEY, "-keyout", "key", "-out", "certificate"],
      ...["-subj", name, "-days", "1"],
    ]);
    return await readPair(folder);
  });
  return {
    certificate: ca.certificate,
    issue: (host = "127.0.0.1") =>
      inFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/ca.key`, ca.key);
        await Deno.writeTextFile(`${folder}/ca`, ca.certificate);
        const kind = isIP(host) === 0 ? "DNS" : "IP";
        await Deno.writeTextFile(`${folder}/names`, `subjectAltName=${kind}:${host}\n`);
        await openssl(folder, [
          "req",
          ...NEW_KEY,
          "-keyout",
          "key",
          "-out",
          "request",
          "-subj",
          "/",
        ]);
        await openssl(folder, [
          ...["x509", "-req", "-in", "request", "-CA", "ca", "-CAkey", "ca.key"],
          ...["-CAcreateserial", "-out", "certificate", "-days", "1", "-extfile", "names"],
        ]);
        return await readPair(folder);
      }),
  };
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function openssl(folder: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
  if (!success) throw new Error(`openssl failed: ${new TextDecoder().decode(stderr)}`);
}

async function readPair(folder: string): Promise<{ certificate: string; key: string }> {
  const [certificate, key] = await Promise.all([
    Deno.readTextFile(`${folder}/certificate`),
    Deno.readTextFile(`${folder}/key`),
  ]);
  return { certificate, key };
}
