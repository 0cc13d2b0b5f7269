/**
 * Who may ask.
 *
 * With a token, whoever presents it. Without one the runtime listens on the loopback interface only,
 * where the one stranger that can reach it is a web page in the user's browser. Two things give such
 * a page away: a host name that is not ours (a name of the attacker's that points to this machine),
 * and an `origin` that is not the host asked.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";

/** Lets requests in or throws. */
export class Guard {
  readonly #token: string | undefined;
  readonly #hostname: string;
  /** The last origin that was found good, such as `http://127.0.0.1:7480`. */
  #goodOrigin = "";

  /** Guards a server that listens on `hostname`. */
  constructor(token: string | undefined, hostname: string) {
    this.#token = token;
    this.#hostname = hostname;
  }

  /** Whether requests must present a token. */
  get isTokenRequired(): boolean {
    return this.#token !== undefined;
  }

  /**
   * Checks a request.
   *
   * @param origin Scheme, host and port of the request's URL.
   * @throws {PinionError} `NOT_AUTHENTICATED`, `NOT_PERMITTED`
   */
  check(headers: Headers, origin: string): void {
    if (this.#token !== undefined) return this.#checkToken(headers.get("authorization"));
    if (origin !== this.#goodOrigin) this.#checkHost(origin);
    const page = headers.get("origin");
    if (page !== null && page !== origin) {
      throw new PinionError(
        "NOT_PERMITTED",
        "A page of another site may not use this runtime; start it with a token to allow programs",
      );
    }
  }

  #checkToken(authorization: string | null): void {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (given !== undefined && equalsInConstantTime(given, this.#token!)) return;
    throw new PinionError(
      "NOT_AUTHENTICATED",
      given === undefined
        ? "Cannot let this request in: expected authorization: Bearer and the runtime's token"
        : "Cannot let this request in: that is not the runtime's token",
    );
  }

  #checkHost(origin: string): void {
    const hostname = URL.parse(origin)?.hostname ?? "";
    const isOurs = hostname === this.#hostname || hostname === "localhost" ||
      hostname.endsWith(".localhost") || /^(\[.*\]|[\d.]+)$/.test(hostname);
    if (!isOurs) {
      throw new PinionError(
        "NOT_PERMITTED",
        "This runtime answers to addresses and to localhost only, not to that host name",
      );
    }
    this.#goodOrigin = origin;
  }
}

/** Compares in a time that depends on the length of what was given only. */
function equalsInConstantTime(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < given.length; i++) {
    difference |= given.charCodeAt(i) ^ expected.charCodeAt(i % expected.length);
  }
  return difference === 0;
}
