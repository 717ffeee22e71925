/**
 * Like `Promise.all`, and the first failure aborts the others: it rejects when all have settled, so that nothing of a
 * failed observation is still under way.
 */
export async function together<const Work extends readonly Promise<unknown>[]>(
  parent: AbortSignal,
  start: (signal: AbortSignal) => Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  const failing = new AbortController()
  const failures: unknown[] = []
  const work = start(AbortSignal.any([parent, failing.signal]))
  for (const task of work) {
    void task.catch((error: unknown) => {
      failures.push(error)
      failing.abort(error)
    })
  }
  await Promise.allSettled(work)
  if (failures.length > 0) throw failures[0]
  return Promise.all(work)
}
