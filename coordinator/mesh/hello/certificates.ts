/**
 * Membership by certificates, for links over TLS.
 *
 * The dialling side checks the listener's certificate in the TLS handshake. `Deno.serve` cannot ask
 * for a client's certificate, so inside of the encrypted link each side also signs the transcript
 * with the key of its certificate. The transcript names the origin that was dialled: TLS has shown
 * to the dialler that it talks to that origin, and the listener sees that this is a name of its
 * own. So a member that was dialled cannot pass the proof on to another one.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { z } from "zod";
import { PinionError } from "../../../errors.ts";
import type { Credentials, Transcript } from "./credentials.ts";

/** PEM texts. */
export interface CertificateFiles {
  /** Of this runtime; its names are those under which it is dialled. */
  readonly certificate: string;
  readonly key: string;
  /** Authorities that sign members' certificates themselves, without others in between. */
  readonly authorities: readonly string[];
}

const Signed = z.object({ certificate: z.string(), signature: z.string() });

/** Proves membership with the key of a certificate. */
export class Certificates implements Credentials {
  readonly files: CertificateFiles;
  readonly #own: X509Certificate;
  readonly #key: KeyObject;
  readonly #authorities: readonly X509Certificate[];

  /**
   * @throws `BAD_ARGUMENT` where a text is not what it should be, or they do not belong together
   */
  constructor(files: CertificateFiles) {
    this.files = files;
    try {
      this.#own = new X509Certificate(files.certificate);
      this.#key = createPrivateKey(files.key);
      this.#authorities = files.authorities.map((pem) => new X509Certificate(pem));
    } catch (cause) {
      throw new PinionError(
        "BAD_ARGUMENT",
        "Cannot read the mesh's certificate, key or authorities: each must be in PEM",
        { cause },
      );
    }
    const why = this.#refuteCertificate(this.#own);
    if (why !== null) {
      throw new PinionError("BAD_ARGUMENT", `Cannot use this runtime's certificate: ${why}`);
    }
  }

  prove({ bytes }: Transcript): string {
    const certificate = this.#own.raw.toString("base64");
    const signature = sign(digestFor(this.#key), bytes, this.#key).toString("base64");
    return JSON.stringify({ certificate, signature });
  }

  refute({ side, origin, bytes }: Transcript, proof: string): string | null {
    try {
      const { certificate, signature } = Signed.parse(JSON.parse(proof));
      const theirs = new X509Certificate(fromBase64(certificate));
      const why = this.#refuteCertificate(theirs);
      if (why !== null) return why;
      // The listener is who was dialled, whichever side looks at it.
      if (!isNamed(side === "listener" ? theirs : this.#own, new URL(origin).hostname)) {
        return `it dialled ${origin}, which is not a name of the certificate there`;
      }
      const key = theirs.publicKey;
      return verify(digestFor(key), bytes, key, fromBase64(signature))
        ? null
        : "it does not have the key of its certificate";
    } catch {
      return "its proof is malformed";
    }
  }

  #refuteCertificate(certificate: X509Certificate): string | null {
    const isSigned = this.#authorities.some((authority) =>
      certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
    );
    if (!isSigned) return "its certificate is not signed by an authority of this mesh";
    const now = Date.now();
    if (now < Date.parse(certificate.validFrom)) return "its certificate is not valid yet";
    if (now > Date.parse(certificate.validTo)) return "its certificate has expired";
    return null;
  }
}

/** Tells whether a certificate is for this host. */
function isNamed(certificate: X509Certificate, hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const name = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return name !== undefined;
}

function digestFor(key: KeyObject): "sha256" | null {
  return key.asymmetricKeyType?.startsWith("ed") ? null : "sha256";
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
