import { InvalidInput } from '@firebreak/core'
import type { Routes } from './routes.ts'

/** The same routes with every time multiplied: a drill lives through five minutes in five seconds. */
export function scaleRoutes(routes: Routes, factor: number): Routes {
  if (!Number.isFinite(factor) || factor <= 0)
    throw new InvalidInput('factor', `${factor} does not scale a time; give a number above 0`)
  return scaled(routes, factor)
}

/** Every member whose name ends in `Ms` is a time; nothing else is. */
function scaled<T>(value: T, factor: number): T {
  if (Array.isArray(value)) return value.map((it: unknown) => scaled(it, factor)) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, it]: [string, unknown]) => [
    name,
    typeof it === 'number' && name.endsWith('Ms') ? it * factor : scaled(it, factor),
  ])
  return Object.fromEntries(entries) as T
}
