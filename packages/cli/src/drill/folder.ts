import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CliError } from '../failure.ts'

/** Where a drill leaves its files. */
export interface DrillFolder {
  readonly root: string
  readonly log: string
  readonly deployment: string
  readonly manager: string
  readonly evidence: string
}

/** Written by a drill before: replaced. Anything else in the folder is somebody's and stays. */
const ours = /^(?:incidents\.db(?:-wal|-shm)?|feedback|evidence|[2-9][2-9A-Z]{3}\.(?:html|md))$/

/** Checks that the folder can be used before anything is written, and takes a drill of before away. */
export function prepareFolder(out: string): DrillFolder {
  try {
    makeFolder(resolve(out))
    if (!statSync(out).isDirectory()) throw new Error('it is not a folder')
    accessSync(out, constants.W_OK | constants.X_OK)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new CliError('OUT_NOT_WRITABLE', `cannot write to --out ${out} (${why}): name a folder that you may write to`)
  }
  for (const name of readdirSync(out)) if (ours.test(name)) rmSync(join(out, name), { recursive: true, force: true })
  return {
    root: out,
    log: join(out, 'incidents.db'),
    deployment: join(out, 'feedback', 'deployment.md'),
    manager: join(out, 'feedback', 'manager.md'),
    evidence: join(out, 'evidence'),
  }
}

/** Level by level: Node's own recursive way never returns where a folder cannot be made at all (below /proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  const above = dirname(path)
  if (above !== path) makeFolder(above)
  mkdirSync(path)
}

export function written(...paths: readonly string[]): string[] {
  return paths.filter((path) => existsSync(path))
}
