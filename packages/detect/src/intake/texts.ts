/**
 * Texts by name, with no other names than their own: a label may be called `toString`. Unlike what `Object.create(null)`
 * gives, one costs no more than any other object of its shape.
 */
export const Texts = function () {
  // All that there is to it is its prototype.
} as unknown as new () => Record<string, string>

Texts.prototype = Object.freeze(Object.create(null))
