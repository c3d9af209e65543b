import { discoveryKey, publicDiscoveryKey } from '../discovery/namespace.js'
import type { ChannelContext } from './context.js'
import type { ChannelStatus } from './types.js'
import type { Cancel } from '../clock.js'

/** How often the encryption is asked for its secrets again, in ms: a key rotation shows by then. */
const PERIOD_MS = 10_000

/** Keys that discovery and exchange take, the current one first. */
const MAX_KEYS = 8

/** The keys by which members of a channel know each other. */
export class DiscoveryKeys {
  private readonly context: ChannelContext
  private keys: Uint8Array[] = []
  private timer?: Cancel
  private running = false
  /** called when they have changed */
  onChange: (keys: Uint8Array[]) => void = () => {}

  constructor (context: ChannelContext) {
    this.context = context
  }

  /** Those that are valid now, the current one first. */
  get current (): Uint8Array[] {
    return this.keys
  }

  /** Who can find the members. */
  get discoverable (): ChannelStatus['discoverable'] {
    const { namespace, discoverySecret, encryption } = this.context.options

    return namespace != null ? 'by-name' : discoverySecret != null || encryption.discoverySecrets != null ? 'secret' : 'by-id'
  }

  async start (): Promise<void> {
    this.running = true
    this.keys = await this.derive()
    this.watch()
  }

  stop (): void {
    this.running = false
    this.timer?.()
    this.timer = undefined
  }

  private watch (): void {
    const { options: { encryption, discoverySecret }, clock } = this.context

    if (this.running && discoverySecret == null && encryption.discoverySecrets != null) {
      this.timer = clock.setTimer(() => { void this.look() }, PERIOD_MS)
    }
  }

  private async look (): Promise<void> {
    try {
      const keys = await this.derive()

      if (this.running && !same(keys, this.keys)) {
        this.keys = keys
        this.onChange(keys)
      }
    } catch (err) {
      this.context.log?.error('no discovery secrets - %e', err)
    }

    this.watch()
  }

  private async derive (): Promise<Uint8Array[]> {
    const { options, encryptionContext } = this.context
    const secrets = options.discoverySecret != null
      ? [options.discoverySecret]
      : await options.encryption.discoverySecrets?.(encryptionContext)

    return secrets?.slice(0, MAX_KEYS).map(secret => discoveryKey(secret)) ?? [publicDiscoveryKey(options.channelId)]
  }
}

function same (a: Uint8Array[], b: Uint8Array[]): boolean {
  return a.length === b.length && a.every((key, i) => key.length === b[i].length && key.every((byte, j) => byte === b[i][j]))
}
