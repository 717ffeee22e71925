import { randomBytes } from 'node:crypto'
import { createResponder, type HttpOptions, type Responder, type ResponderOptions } from '@firebreak/responder'
import type { Terminal } from '../terminal/terminal.ts'
import { CliError } from '../failure.ts'
import { defaultConfig } from './default-config.ts'
import { listen, type Handler } from './listen.ts'
import { loadConfig } from './load-config.ts'
import { folderOf, nameOfLog, openLog, usualPlace } from './open-log.ts'
import { keepHeapSmall } from './small-heap.ts'
import { terminalLogger } from './terminal-logger.ts'

export interface ServeOptions {
  readonly config?: string | undefined
  readonly port: number
  /** A SQLite file or a `postgres://` address; default: `FIREBREAK_DB` of `env`, then `incidents.db` here. */
  readonly db?: string | undefined
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Runs a responder as a process until it is told to stop; then it finishes or gives back what it claimed. */
export async function serve({ config: file, port, db: named, terminal, env, signal }: ServeOptions): Promise<number> {
  const db = named ?? usualPlace(env)
  const endWatch = keepHeapSmall()
  const config = file === undefined ? defaultConfig(env, folderOf(db)) : await loadConfig(file)
  const given = env['FIREBREAK_TOKEN'] || undefined
  const token = given ?? randomBytes(24).toString('base64url')
  let handle: Handler = async () => new Response('starting', { status: 503 })
  // Before the log: a port in use leaves nothing behind.
  const server = await listen((request) => handle(request), port)
  const http: HttpOptions = config.http ?? { publicUrl: server.url, token }
  let log = config.log
  let responder: Responder | undefined
  try {
    log ??= await openLog(db)
    const logger = config.logger ?? terminalLogger(terminal)
    responder = assemble({ ...config, log, http, logger }, file)
    handle = responder.answer
    await responder.start()
    terminal.line(
      `firebreak listens on ${server.url}, log ${file === undefined || config.log === undefined ? nameOfLog(db) : 'of the config'}`,
    )
    if (file === undefined && !env['FIREBREAK_WEBHOOK_URL'])
      terminal.line('pages go to this console only: set FIREBREAK_WEBHOOK_URL to wake somebody')
    if (config.http === undefined && given === undefined) {
      terminal.line(`token ${token}`)
      terminal.line('It is shown this once. Set FIREBREAK_TOKEN to choose your own.')
    }
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  } finally {
    endWatch()
    await server.close()
    await responder?.stop({ deadlineMs: 10_000 })
    if (config.log === undefined) await log?.close()
  }
  terminal.line('firebreak stopped; what it had claimed is finished or given back')
  return 0
}

/** An option that cannot be used is the config's: its file is named with it. */
function assemble(options: ResponderOptions, file: string | undefined): Responder {
  try {
    return createResponder(options)
  } catch (error) {
    if (file === undefined || !(error instanceof Error)) throw error
    throw new CliError('CONFIG_INVALID', `${file} cannot be used: ${error.message}`)
  }
}
