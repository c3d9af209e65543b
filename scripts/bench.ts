/**
 * `npm run bench -- <name> [arguments]` runs bench/<name>.ts against the built library. What it
 * compares with has a package.json and a lock file of its own in bench/.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('../bench', import.meta.url))
const [name, ...rest] = process.argv.slice(2)
const names = globSync('*.ts', { cwd: bench }).map(file => file.slice(0, -3)).sort()

if (name == null || !names.includes(name)) {
  console.error(`npm run bench -- <name>, where name is one of: ${names.join(', ') || '(there are none)'}`)
  process.exit(2)
}

const changed = (file: string): number => existsSync(`${bench}/${file}`) ? statSync(`${bench}/${file}`).mtimeMs : 0

if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  run('npm', ['ci', '--no-audit', '--no-fund'])
}

// a benchmark says how much memory something takes
run(process.execPath, ['--expose-gc', `${bench}/${name}.ts`, ...rest])

function run (command: string, args: string[]): void {
  const { status } = spawnSync(command, args, { cwd: bench, stdio: 'inherit' })

  if (status !== 0) {
    process.exit(status ?? 1)
  }
}
