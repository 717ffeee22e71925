import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { oneOfEach } from './fixtures/one-of-each.ts'
import { renderPostmortem } from './index.ts'

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)
if (browser === undefined) console.log('skipped: no Chromium on this machine (Debian: apt-get install chromium)')

/** The document after a browser has loaded it, with everything that scripts would have done to it. */
function loaded(html: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-page-'))
  try {
    const file = join(folder, 'page.html')
    writeFileSync(file, html)
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${folder}`,
      '--virtual-time-budget=2000',
    ]
    const options: ExecFileSyncOptionsWithStringEncoding = {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 60_000,
    }
    return execFileSync(browser!, [...flags, '--dump-dom', `file://${file}`], options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const attack = `"><script>document.title='pwned'</script><img src=x onerror="document.title='pwned'"><style>body{display:none}</style>`

test.skipIf(browser === undefined)('a browser runs nothing that was written into an incident', () => {
  const page = loaded(renderPostmortem(oneOfEach(attack), { format: 'html' }))
  expect(page).toContain('<h1>Post-mortem 7K42:')
  expect(page).not.toContain('<title>pwned')
  expect(page).not.toMatch(/<script|<img|<style>body/)
})

test.skipIf(browser === undefined)('its policy stops a script that got in all the same', () => {
  const page = renderPostmortem(oneOfEach('mia'), { format: 'html' })
  const breached = page.replace(
    '</main>',
    `<script>document.title='pwned'</script><img src=x onerror="document.title='pwned'"></main>`,
  )
  expect(loaded(breached)).not.toContain('<title>pwned')
  const open = breached.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
  expect(loaded(open)).toContain('<title>pwned')
})
