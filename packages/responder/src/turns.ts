/** Runs once, however often it is called; a failure may be tried again. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () =>
    (done ??= work().catch((error: unknown) => {
      done = undefined
      throw error
    }))
}

/** setImmediate is no clock: it is the end of the current turn. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve)) // oxlint-disable-line house/clock-port -- as said
}
