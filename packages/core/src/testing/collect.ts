/** Reads an async iterable to its end, or to so many items. */
export async function collect<T>(items: AsyncIterable<T>, limit: number = Infinity): Promise<T[]> {
  const collected: T[] = []
  if (limit <= 0) return collected
  for await (const item of items) {
    collected.push(item)
    if (collected.length >= limit) break
  }
  return collected
}
