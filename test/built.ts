import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const MARK = join(ROOT, 'dist/.built-for-tests')
const LOCK = join(ROOT, 'dist/.building-for-tests')

/** A lock older than this is of a run that was killed. */
const STALE_LOCK_MS = 120_000

/**
 * Sees to it that dist/ is not older than src/: what starts processes of its own runs the
 * package as users do. Test files that ask at the same time wait for one build.
 */
export async function ensureBuilt (): Promise<void> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true })

  while (!isFresh()) {
    if (!lock()) {
      await new Promise(resolve => setTimeout(resolve, 100))
      continue
    }

    try {
      const start = Date.now()
      // types are checked elsewhere
      const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--noCheck'], { cwd: ROOT, encoding: 'utf8' })

      if (status !== 0) {
        throw new Error(`the build failed: ${stdout}`)
      }

      writeFileSync(MARK, String(start))
    } finally {
      rmdirSync(LOCK)
    }
  }
}

function isFresh (): boolean {
  if (!existsSync(MARK) || !existsSync(join(ROOT, 'dist/src/cli/main.js'))) {
    return false
  }

  const built = statSync(MARK).mtimeMs

  return globSync('src/**/*.ts', { cwd: ROOT }).every(file => statSync(join(ROOT, file)).mtimeMs < built)
}

function lock (): boolean {
  try {
    mkdirSync(LOCK)

    return true
  } catch {
    const held = statSync(LOCK, { throwIfNoEntry: false })

    if (held != null && Date.now() - held.mtimeMs > STALE_LOCK_MS) {
      rmdirSync(LOCK)
    }

    return false
  }
}
