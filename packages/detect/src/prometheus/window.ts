/** Puts a window into a query: `rate(x[$window])` becomes `rate(x[300s])`. Prometheus takes whole milliseconds. */
export function inWindow(query: string, windowMs: number): string {
  const window = windowMs % 1_000 === 0 ? `${windowMs / 1_000}s` : `${Math.round(windowMs)}ms`
  return query.replaceAll('$window', window)
}
