import { InvalidInput } from '@firebreak/core'

/** Brings data of one shape to the next: the result is what a writer of today would have written. Must be pure. */
export type Upcast = (data: object) => object

/**
 * For each event type the steps from its first shape to today's: one step means that writers write the second shape.
 * Steps are only ever added at the end; a log of any age can then be read.
 */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>

/** The shapes of Firebreak's own events. None has changed yet. */
const ownUpcasts: Upcasts = {}

/** The shape of an event's data is told by the end of its salt, which the digest covers: `<salt>` is 1, `<salt>.2` is 2. */
export interface Shapes {
  /** Adds to a salt what a writer of today must add for this type. */
  mark(type: string, salt: string): string
  /** The data as of today; the same object when it is. */
  lift(type: string, salt: string, data: object): object
}

export function createShapes(own: Upcasts = {}): Shapes {
  for (const [type, list] of Object.entries(own)) {
    if (!Array.isArray(list) || list.some((step) => typeof step !== 'function'))
      throw new InvalidInput(`upcasts.${type}`, 'must be an array of functions')
  }
  const steps = new Map<string, readonly Upcast[]>(Object.entries({ ...own, ...ownUpcasts }))
  if (steps.size === 0) return { mark: (_type, salt) => salt, lift: (_type, _salt, data) => data }
  return {
    mark(type, salt) {
      const count = steps.get(type)?.length ?? 0
      return count === 0 ? salt : `${salt}.${count + 1}`
    },
    lift(type, salt, data) {
      const list = steps.get(type)
      return list === undefined ? data : list.slice(shapeOf(salt) - 1).reduce((lifted, step) => step(lifted), data)
    },
  }
}

function shapeOf(salt: string): number {
  const dot = salt.lastIndexOf('.')
  return dot < 0 ? 1 : Number(salt.slice(dot + 1))
}
