#!/usr/bin/env node
/** The command's door: refuses a Node that is too old in one line, before anything that it could not parse is loaded. */
const floor = [22, 18] as const
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < floor[0] || (major === floor[0] && minor < floor[1])) {
  process.stderr.write(
    `firebreak: Node ${process.versions.node} is too old, it needs ${floor.join('.')} or newer: npx -y node@24 $(which firebreak) …\n`,
  )
  process.exitCode = 1
} else {
  // `firebreak … | head` closes our output: that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const { run } = await import('./run.ts')
  process.exitCode = await run(process.argv.slice(2), process)
}
