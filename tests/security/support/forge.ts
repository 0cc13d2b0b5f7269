/**
 * Source that lets a script send what the sandbox never would: it takes the sandbox's own list of
 * messages as it is filled.
 *
 * @module
 */

/** Defines `forge(...messages)`: they go to the runtime as if the sandbox had sent them. */
export const FORGE = `
  const push = Array.prototype.push;
  let outbox;
  Array.prototype.push = function (...items) {
    if (items[0]?.type === "log") outbox = this;
    return push.apply(this, items);
  };
  const forge = (...messages) => {
    log("forging");
    push.apply(outbox, messages);
  };
`;
