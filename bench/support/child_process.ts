/**
 * Child processes of a benchmark: what they print, and their end.
 *
 * @module
 */

/** How long a process may take to end by itself, in milliseconds. */
const STOP_MS = 5_000;
/** Characters of a log that are kept. */
const LOG_CHARS = 4_000;

/** The first line of a stream; null if it ends before one. The rest can still be read. */
export async function readFirstLine(readable: ReadableStream<Uint8Array>): Promise<string | null> {
  const reader = readable.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) return null;
      text += decoder.decode(value, { stream: true });
    }
    return text.slice(0, text.indexOf("\n"));
  } finally {
    reader.releaseLock();
  }
}

/** The end of all that a stream gives. */
export async function keepTail(readable: ReadableStream<Uint8Array>): Promise<string> {
  let tail = "";
  for await (const text of readable.pipeThrough(new TextDecoderStream())) {
    tail = (tail + text).slice(-LOG_CHARS);
  }
  return tail.trimEnd();
}

/** Asks a process to end, kills it if it does not, and waits for its end. */
export async function stopProcess(child: Deno.ChildProcess): Promise<void> {
  const timer = setTimeout(() => sendSignal(child, "SIGKILL"), STOP_MS);
  sendSignal(child, "SIGTERM");
  await child.status;
  clearTimeout(timer);
}

/** To a process that has ended, does nothing. */
function sendSignal(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}
