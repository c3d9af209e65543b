import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import type { Plugin } from 'vitest/config'

/** Pure cores must give the same bytes in a browser: these run in both, but for `*.node.test.ts`. */
const EVERYWHERE = [
  'test/encryption/**/*.test.ts',
  'test/ratelimit/**/*.test.ts',
  'test/sds/**/*.test.ts',
  'test/segmentation/**/*.test.ts'
]

/** What the `browser` field of package.json does for bundlers, on the sources. */
const browserStorage: Plugin = {
  name: 'browser-storage',
  enforce: 'pre',
  resolveId: (source, importer) => source === './open.js' && importer?.includes('/src/storage/') === true
    ? fileURLToPath(new URL('src/storage/open.browser.ts', import.meta.url))
    : undefined
}

export default defineConfig({
  test: {
    testTimeout: 20_000,
    projects: [{
      extends: true,
      test: {
        name: 'node',
        include: ['test/**/*.test.ts'],
        exclude: ['test/browser/**']
      }
    }, {
      extends: true,
      plugins: [browserStorage],
      // found one by one they would make vite reload the page in the middle of a run
      optimizeDeps: {
        include: [
          '@libp2p/crypto/keys',
          '@libp2p/gossipsub',
          '@libp2p/identify',
          '@libp2p/interface',
          '@libp2p/noise',
          '@libp2p/peer-id',
          '@libp2p/peer-record',
          '@libp2p/ping',
          '@libp2p/utils',
          '@libp2p/websockets',
          '@libp2p/yamux',
          '@multiformats/multiaddr',
          'datastore-idb',
          'fast-check',
          'libp2p'
        ]
      },
      test: {
        name: 'browser',
        include: ['test/browser/**/*.test.ts', ...EVERYWHERE],
        exclude: ['**/*.node.test.ts'],
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
