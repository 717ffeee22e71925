import { spawn } from 'node:child_process'
import type { Clock } from '@firebreak/core'

export interface CommandToRun {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string | undefined
  /** Aborted: it and all that it started are killed. */
  readonly signal: AbortSignal
  readonly clock: Clock
}

export interface Finished {
  readonly code: number | null
  readonly killedBy: NodeJS.Signals | null
  /** Standard output and error as they came, the last 16 KiB. */
  readonly output: string
  /** It could not be started. */
  readonly error?: Error
}

const keptBytes = 16 * 1024
/** How long output may still come after the end, from what a command left behind outside its group. */
const drainMs = 500

/** Runs a command in a process group of its own, without a shell; resolves when it has ended, however it ended. */
export async function runCommand({ command, args, env, cwd, signal, clock }: CommandToRun): Promise<Finished> {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    shell: false,
  })
  let kept = Buffer.alloc(0)
  const keep = (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk])
    if (kept.length > 4 * keptBytes) kept = kept.subarray(-keptBytes)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()))

  const kill = () => killGroup(child.pid)
  if (signal.aborted) kill()
  else signal.addEventListener('abort', kill, { once: true })
  const ended = await new Promise<Omit<Finished, 'output'>>((resolve) => {
    child.once('error', (error) => resolve({ code: null, killedBy: null, error }))
    child.once('exit', (code, killedBy) => resolve({ code, killedBy }))
  })
  signal.removeEventListener('abort', kill)
  // What it started in the background must not outlive the look.
  kill()
  if (ended.error === undefined) await within(closed, drainMs, clock)
  child.stdout.destroy()
  child.stderr.destroy()
  return { ...ended, output: kept.subarray(-keptBytes).toString('utf8') }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

async function within(work: Promise<void>, milliseconds: number, clock: Clock): Promise<void> {
  const over = new AbortController()
  const limit = clock.sleep(milliseconds, over.signal).catch(() => undefined)
  await Promise.race([work, limit])
  over.abort()
}
