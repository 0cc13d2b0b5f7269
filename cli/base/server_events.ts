/**
 * Reads server-sent events.
 *
 * Source: the WHATWG HTML standard, "Server-sent events".
 *
 * @module
 */

/** One event; its data is JSON in all that Pinion sends. */
export interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

/** The events of `body`, in order. Comments, ids and retry times are passed over. */
export async function* readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<ServerEvent> {
  let rest = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    rest = (rest + chunk).replaceAll("\r\n", "\n");
    const blocks = rest.split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const event = readEvent(block);
      if (event !== undefined) yield event;
    }
  }
}

function readEvent(block: string): ServerEvent | undefined {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^(event|data): ?(.*)$/s.exec(line) ?? [];
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length === 0 ? undefined : { event, data: JSON.parse(data.join("\n")) };
}
