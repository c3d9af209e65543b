import { discoveryKey, publicDiscoveryKey } from '../discovery/namespace.js'
import type { ChannelContext } from './context.js'
import type { ChannelStatus } from './types.js'
import type { Cancel } from '../clock.js'

/** How often an encryption is asked for its secrets that does not tell when they change, in ms. */
const POLL_MS = 300_000

/** Keys that discovery and exchange take, the current one first. */
const MAX_KEYS = 8

/** The keys by which members of a channel know each other. */
export class DiscoveryKeys {
  private readonly context: ChannelContext
  private keys: Uint8Array[] = []
  private timer?: Cancel
  private unsubscribe?: Cancel
  private running = false
  /** the last look that was begun, and the newest whose answer was taken */
  private looks = 0
  private taken = 0
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
    const { options: { encryption, discoverySecret } } = this.context
    const fixed = discoverySecret != null || encryption.discoverySecrets == null

    this.running = true

    if (!fixed) {
      // before the first look: no change falls between the two
      this.unsubscribe ??= encryption.onSecrets?.(() => { void this.look() })
    }

    await this.take()

    if (!fixed && this.unsubscribe == null) {
      this.lookLater()
    }
  }

  stop (): void {
    this.running = false
    this.timer?.()
    this.unsubscribe?.()
    this.timer = this.unsubscribe = undefined
  }

  private lookLater (): void {
    this.timer?.()
    this.timer = this.running ? this.context.clock.setTimer(() => { void this.look() }, POLL_MS) : undefined
  }

  private async look (): Promise<void> {
    try {
      await this.take()

      if (this.unsubscribe == null) {
        this.lookLater()
      }
    } catch (err) {
      this.context.log?.error('no discovery secrets - %e', err)
      this.lookLater()
    }
  }

  /** Takes the secrets of now, unless a look that began later has its answer already. */
  private async take (): Promise<void> {
    const look = ++this.looks
    const keys = await this.derive()

    if (this.running && look > this.taken) {
      this.taken = look

      if (!same(keys, this.keys)) {
        this.keys = keys
        this.onChange(keys)
      }
    }
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
