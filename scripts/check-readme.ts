/**
 * The README's quickstart, the first block that is fenced as "```ts quickstart", must type-check
 * and run against the built library as a reader would run it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Longer than any reader waits. */
const TIMEOUT_MS = 60_000

const [, quickstart] = /^```ts quickstart\n(.*?)^```$/ms.exec(existsSync('README.md') ? readFileSync('README.md', 'utf8') : '') ?? []

if (quickstart == null) {
  console.error('there is no README.md with a block that starts with "```ts quickstart"')
  process.exit(1)
}

// inside the package, so that `import 'holdfast'` means this one
const file = 'dist/readme/quickstart.ts'
mkdirSync('dist/readme', { recursive: true })
writeFileSync(file, quickstart)

run('tsc', ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext', '--types', 'node', file])
run(process.execPath, [file])

function run (command: string, args: string[]): void {
  const { status, signal } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: TIMEOUT_MS })

  if (status !== 0) {
    console.error(`the quickstart of README.md ended with ${signal ?? status}`)
    process.exit(1)
  }
}
