/** `######..............  1/3`: twenty steps, readable without a terminal. */
export function bar(done: number, total: number): string {
  const filled = total === 0 ? 20 : Math.round((done / total) * 20)
  return `${'#'.repeat(filled)}${'.'.repeat(20 - filled)}  ${done}/${total}`
}
