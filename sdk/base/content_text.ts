/**
 * Text of a value's content: what `distinct` compares and what a fingerprint sees of a zero value.
 *
 * @module
 */

/**
 * Text that is equal for values of equal content, whatever the order of an object's fields, and
 * differs for values of other content or type.
 *
 * @throws RangeError where a value contains itself
 */
export function contentText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "object":
      return value === null ? "null" : objectText(value);
    default:
      return Object.is(value, -0) ? "0" : String(value);
  }
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `[${value.map(contentText).join(",")}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof RegExp) return `RegExp(${value})`;
  if (value instanceof Map) return `Map(${contentText([...value])})`;
  if (value instanceof Set) return `Set(${contentText([...value])})`;
  if (value instanceof Error) return `Error(${contentText([value.name, value.message])})`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${new Uint8Array(value)})`;
  if (ArrayBuffer.isView(value)) return viewText(value);
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${contentText(field)}`);
  return `{${fields.join(",")}}`;
}

function viewText(view: ArrayBufferView): string {
  const elements = view instanceof DataView
    ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    : view;
  return `${view.constructor.name}(${elements})`;
}
