import { availableParallelism } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { playwright } from '@vitest/browser-playwright'
import { configDefaults, defineConfig } from 'vitest/config'
import manifest from './package.json' with { type: 'json' }
import type { Plugin } from 'vitest/config'

/** Pure cores must give the same bytes in a browser: these run in both, but for `*.node.test.ts`. */
const EVERYWHERE = [
  'test/encryption/**/*.test.ts',
  'test/ratelimit/**/*.test.ts',
  'test/sds/**/*.test.ts',
  'test/segmentation/**/*.test.ts'
]

const root = import.meta.dirname

/** Applies the `browser` field of package.json, which is about what is built, to the sources. */
const browserField: Plugin = {
  name: 'browser-field',
  enforce: 'pre',
  resolveId: (source, importer) => {
    if (importer == null || !source.startsWith('.')) {
      return undefined
    }

    const built = relative(join(root, 'src'), resolve(dirname(importer), source))
    const replacement = Object.entries(manifest.browser).find(([from]) => from === `./dist/src/${built}`)?.[1]

    return replacement == null ? undefined : join(root, replacement.replace('./dist/', '').replace(/\.js$/, '.ts'))
  }
}

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // vitest leaves a core to itself, and does nothing with it while the tests run
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [{
      extends: true,
      test: {
        name: 'node',
        include: ['test/**/*.test.ts'],
        exclude: [...configDefaults.exclude, 'test/browser/**', '**/*.interop.test.ts']
      }
    }, {
      extends: true,
      test: {
        // peers that need an installation of their own
        name: 'interop',
        include: ['test/**/*.interop.test.ts']
      }
    }, {
      extends: true,
      plugins: [browserField],
      // found one by one they would make vite reload the page in the middle of a run
      optimizeDeps: {
        include: [
          '@libp2p/crypto/keys',
          '@libp2p/gossipsub',
          '@libp2p/identify',
          '@libp2p/interface',
          '@libp2p/logger',
          '@libp2p/noise',
          '@libp2p/peer-id',
          '@libp2p/peer-record',
          '@libp2p/ping',
          '@libp2p/utils',
          '@libp2p/websockets',
          '@libp2p/yamux',
          '@multiformats/multiaddr',
          '@noble/ciphers/chacha.js',
          '@noble/hashes/hkdf.js',
          '@noble/hashes/hmac.js',
          '@noble/hashes/scrypt.js',
          '@noble/hashes/sha2.js',
          '@noble/hashes/sha3.js',
          '@noble/hashes/utils.js',
          '@waku/sds',
          'datastore-core',
          'datastore-idb',
          'fast-check',
          'hash-wasm',
          'interface-datastore',
          'libp2p',
          'mitt',
          'p-queue',
          'protons-runtime',
          'uint8arraylist',
          'uint8arrays/alloc',
          'uint8arrays/equals',
          'uint8arrays/from-string',
          'uint8arrays/to-string'
        ]
      },
      test: {
        name: 'browser',
        include: ['test/browser/**/*.test.ts', ...EVERYWHERE],
        exclude: [...configDefaults.exclude, '**/*.node.test.ts', '**/*.interop.test.ts'],
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          instances: [{ browser: 'chromium' }],
          provider: playwright({
            launchOptions: {
              executablePath: '/usr/bin/chromium',
              args: [
                '--no-sandbox',
                '--disable-gpu',
                '--disable-quic',
                '--no-first-run',
                '--disable-background-networking',
                '--disable-component-update',
                '--disable-sync'
              ]
            }
          })
        }
      }
    }]
  }
})
