/**
 * Figures as people read them.
 *
 * @module
 */

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1234` as `1.2 kB`; decimal units. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
}

/** Milliseconds as `3 ms`, `1.2 s`, `2 min 5 s`, `3 h 4 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor(ms % 60_000 / 1000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor(ms % 3_600_000 / 60_000)} min`;
}

/** `1234567` as `1,234,567`; at most two digits after the point. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/** A point in time as `2026-01-31 12:34:56`, local time. */
export function formatTime(time: number | string): string {
  const date = new Date(time);
  const pad = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ` +
    `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** The age of something, roughly: `2 min ago`. */
export function formatAgo(time: number | string, now: number = Date.now()): string {
  const ms = Math.max(0, now - new Date(time).getTime());
  const units = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "min"], [1000, "s"]] as const;
  const [unitMs, unit] = units.find(([size]) => ms >= size) ?? [1000, "s"];
  return `${Math.floor(ms / unitMs)} ${unit} ago`;
}

/** `1 word`, `2 words`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}
