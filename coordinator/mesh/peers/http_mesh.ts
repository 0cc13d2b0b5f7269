/**
 * The mesh over HTTP/2: cleartext with a shared secret for loopback and trusted networks, or TLS with
 * a certificate on both sides.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { type CertificateFiles, Certificates } from "../hello/certificates.ts";
import { type Credentials, SharedSecret } from "../hello/credentials.ts";
import {
  DEFAULT_MESH_LIMITS,
  DEFAULT_MESH_TIMINGS,
  type MeshLimits,
  type MeshTimings,
} from "../mesh_limits.ts";
import { HttpLinks } from "../link/http_link.ts";
import { LinkedMesh, type LinkedMeshOptions } from "./linked_mesh.ts";
import type { GuidedMesh } from "../mesh.ts";

/** See the module. */
export interface HttpMeshOptions {
  readonly shardId: string;
  /** Id of this run of the process. */
  readonly runId: string;
  /** Fencing epoch of this runtime's lease, asked for at each greeting. */
  readonly epoch: () => number;
  readonly listen: { readonly hostname: string; readonly port: number };
  /** A text that every runtime of the cluster knows and nobody can guess, or certificates. */
  readonly trust: { readonly secret: string } | CertificateFiles;
  readonly limits?: Partial<MeshLimits>;
  readonly timings?: Partial<MeshTimings>;
  /** What an operator should know. */
  readonly onLog?: (message: string, failure?: unknown) => void;
}

/** A mesh that listens. */
export interface HttpMesh extends GuidedMesh {
  readonly address: { readonly hostname: string; readonly port: number };
}

/**
 * Begins to listen. Links come with `setPeers`.
 *
 * @throws `BAD_ARGUMENT` for certificates that cannot be used; what `Deno.serve` throws where it
 * cannot listen
 */
export function serveMesh(options: HttpMeshOptions): HttpMesh {
  const { shardId, runId, epoch, listen, trust, onLog = () => {} } = options;
  const credentials: Credentials = "secret" in trust
    ? new SharedSecret(trust.secret)
    : new Certificates(trust);
  const files = "secret" in trust ? null : trust;
  const limits = { ...DEFAULT_MESH_LIMITS, ...options.limits };
  const timings = { ...DEFAULT_MESH_TIMINGS, ...options.timings };
  const links = new HttpLinks({
    shardId: () => mesh.shardId,
    ...(files && { caCerts: files.authorities }),
    strangers: limits.strangers,
    timeoutMs: timings.silenceMs,
    urlOf: (shardId) => mesh.urlOf(shardId),
    onLink: (link) => void mesh.acceptLink(link),
  });
  const self = { shardId, runId, epoch, windowBytes: limits.windowBytes, credentials };
  const dial = (url: string, signal: AbortSignal) => {
    checkScheme(url, files === null ? "http:" : "https:");
    return links.dial(url, signal);
  };
  const stopped = new AbortController();
  const server = Deno.serve({
    ...listen,
    signal: stopped.signal,
    ...(files && { cert: files.certificate, key: files.key }),
    onListen: () => {},
  }, (request) => links.serve(request));
  const mesh: ServedMesh = new ServedMesh(
    { self, limits, timings, dial, onLog },
    server.addr,
    async () => {
      // A shutdown would wait for the connections of peers that hang.
      stopped.abort();
      await server.finished;
    },
  );
  return mesh;
}

class ServedMesh extends LinkedMesh implements HttpMesh {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly #stop: () => Promise<void>;

  constructor(options: LinkedMeshOptions, address: Deno.NetAddr, stop: () => Promise<void>) {
    super(options);
    const { hostname, port } = address;
    this.address = { hostname, port };
    this.#stop = stop;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#stop();
  }
}

/** @throws `MESH_REFUSED` for a URL with another scheme */
function checkScheme(url: string, scheme: "http:" | "https:"): void {
  if (new URL(url).protocol === scheme) return;
  throw new PinionError(
    "MESH_REFUSED",
    `Cannot link to ${url}: this runtime's mesh speaks ${scheme} only; ` +
      "configure every runtime of the cluster alike",
  );
}
