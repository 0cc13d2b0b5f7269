/** The media type of `types` that the request's `accept` header prefers. */
export function accepts(request: Pick<Request, "headers">, ...types: string[]): string | undefined;
