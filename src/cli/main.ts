#!/usr/bin/env node
const NODE_MAJOR = 22

/** Exit code of a process that was asked twice to end. */
const INTERRUPTED = 130

if (parseInt(process.versions.node, 10) < NODE_MAJOR) {
  process.stderr.write(`holdfast needs Node.js ${NODE_MAJOR} or newer, this is ${process.versions.node}\n`)
  process.exitCode = 1
} else {
  // only now: what it imports cannot even be loaded by an older one
  const { run } = await import('./cli.js')
  const controller = new AbortController()

  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.exit(INTERRUPTED)
      }

      controller.abort()
    })
  }

  // whoever reads us may go first
  process.stdout.on('error', () => { process.exit(INTERRUPTED) })

  const { stdin, stdout, stderr, env } = process

  process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env, signal: controller.signal })
  stdin.destroy()
}
