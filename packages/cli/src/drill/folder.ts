import { accessSync, constants, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CliError } from '../failure.ts'
import { makeFolder } from '../make-folder.ts'

/** Where a drill leaves its files. */
export interface DrillFolder {
  readonly root: string
  readonly log: string
  readonly deployment: string
  readonly manager: string
  readonly evidence: string
}

/** Says that a drill wrote here: only then may the next one take files away. */
const mark = '.firebreak-drill'

/** What a drill writes. Without its mark the same names are a real responder's. */
const ours = /^(?:incidents\.db(?:-wal|-shm)?|feedback|evidence|[2-9][2-9A-Z]{3}\.(?:html|md))$/

/** Checks that the folder can be used, and changes nothing in it. */
export function checkFolder(out: string): DrillFolder {
  try {
    makeFolder(resolve(out))
    if (!statSync(out).isDirectory()) throw new Error('it is not a folder')
    accessSync(out, constants.W_OK | constants.X_OK)
    // What is asked may differ from what is so: for root everything is writable, below /proc nothing can be made.
    const probe = join(out, `${mark}-${process.pid}`)
    writeFileSync(probe, '', { flag: 'wx' })
    rmSync(probe)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new CliError('OUT_NOT_WRITABLE', `cannot write to --out ${out} (${why}): name a folder that you may write to`)
  }
  const taken = existsSync(join(out, mark)) ? undefined : readdirSync(out).find((name) => ours.test(name))
  if (taken !== undefined)
    throw new CliError(
      'OUT_NOT_WRITABLE',
      `--out ${out} holds ${taken}, which no drill is known to have written: name another folder, or move it away`,
    )
  return {
    root: out,
    log: join(out, 'incidents.db'),
    deployment: join(out, 'feedback', 'deployment.md'),
    manager: join(out, 'feedback', 'manager.md'),
    evidence: join(out, 'evidence'),
  }
}

/** Takes a drill of before away; anything else in the folder is somebody's and stays. */
export function clearFolder({ root }: DrillFolder): void {
  writeFileSync(join(root, mark), 'Files of `firebreak drill`: the next drill replaces them.\n')
  for (const name of readdirSync(root)) if (ours.test(name)) rmSync(join(root, name), { recursive: true, force: true })
}

export function written(...paths: readonly string[]): string[] {
  return paths.filter((path) => existsSync(path))
}
