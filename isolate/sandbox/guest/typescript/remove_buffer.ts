/**
 * Removes Node's `Buffer` before any library looks for it: libraries that find it keep using it by
 * its global name, which user code could change.
 *
 * Imported first by `entry.ts`, for its effect.
 *
 * @module
 */

Reflect.deleteProperty(globalThis, "Buffer");
