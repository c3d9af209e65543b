import { MARKER } from '../../messaging/envelope.js'
import { decodeMessage, encodeMessage } from '../../sds/codec.js'
import { computeMessageId } from '../../sds/ids.js'
import { segmentPayload, verifySegmentationConfig } from '../../segmentation/index.js'
import type { Clock } from '../../clock.js'
import type { Encryption, EncryptionContext } from '../../encryption/index.js'
import type { MessagingApi } from '../../messaging/types.js'
import type { SdsMessage } from '../../sds/types.js'
import type { SeededRandom } from '../seeded-random.js'

/** Messages that a liar remembers to lie about. */
const MAX_HEARD = 100

interface LiarComponents {
  senderId: string
  channelId: string
  contentTopic: string
  encryption: Encryption
  messaging: MessagingApi
  clock: Clock
  random: SeededRandom
}

/** Something that was overheard. */
export interface Heard {
  message: SdsMessage
  /** as published */
  payload: Uint8Array
}

/** A node that listens in on a channel and can send anything. */
export class Liar {
  readonly random: SeededRandom
  readonly clock: Clock
  readonly senderId: string
  readonly channelId: string
  /** messages with content, at random from all that came so far */
  readonly heard: Heard[] = []
  private readonly encryption: Encryption
  private readonly messaging: MessagingApi
  private readonly context: EncryptionContext
  private overheard = 0

  constructor ({ senderId, channelId, contentTopic, encryption, messaging, clock, random }: LiarComponents) {
    this.random = random
    this.clock = clock
    this.senderId = senderId
    this.channelId = channelId
    this.encryption = encryption
    this.messaging = messaging
    this.context = { channelId, contentTopic, senderId }
  }

  async listen (): Promise<void> {
    this.messaging.events.on('message_received', ({ message: { payload } }) => {
      void this.overhear(payload).catch(() => {})
    })
    await this.messaging.subscribe(this.context.contentTopic)
  }

  /** The fields of a message with content that everybody would accept. */
  honest (text: string): SdsMessage {
    const [header, chunk] = segmentPayload(new TextEncoder().encode(text), verifySegmentationConfig()).contents[0]
    const content = new Uint8Array([...header, ...chunk])
    const idSalt = BigInt(this.clock.now()) * 1_000_000n + BigInt(this.random.integer(1_000_000))

    return {
      senderId: this.senderId,
      messageId: computeMessageId(this.senderId, idSalt, content),
      channelId: this.channelId,
      lamportTimestamp: this.clock.now(),
      causalHistory: [],
      repairRequest: [],
      content,
      idSalt
    }
  }

  /** The sender ID and the message ID that `message` has when somebody else sends it. */
  identify ({ idSalt = 0n, content = new Uint8Array() }: SdsMessage, senderId: string): Pick<SdsMessage, 'senderId' | 'messageId'> {
    return { senderId, messageId: computeMessageId(senderId, idSalt, content) }
  }

  /** The fields of a sync message. */
  sync (): SdsMessage {
    return { ...this.honest('sync'), messageId: this.randomId(), content: undefined, idSalt: undefined }
  }

  randomId (): string {
    return [...this.random.bytes(32)].map(byte => byte.toString(16).padStart(2, '0')).join('')
  }

  /** Those that discovery and exchange of the channel go by. */
  async secrets (): Promise<Uint8Array[] | undefined> {
    return await this.encryption.discoverySecrets?.(this.context)
  }

  /** Encrypts and sends. With `claim`, the encryption is told that it is somebody else's. */
  async say (message: SdsMessage, claim = this.senderId): Promise<void> {
    const bytes = encodeMessage({ ...message, content: message.content == null ? undefined : [message.content] })

    await this.encrypted(bytes, claim)
  }

  async encrypted (content: Uint8Array, claim = this.senderId): Promise<void> {
    await this.raw(await this.encryption.encrypt(content, { ...this.context, senderId: claim }))
  }

  async raw (payload: Uint8Array): Promise<void> {
    await this.messaging.send({ contentTopic: this.context.contentTopic, payload, ephemeral: false, meta: MARKER })
  }

  private async overhear (payload: Uint8Array): Promise<void> {
    const decrypted = await this.encryption.decrypt(payload, this.context)

    if (decrypted == null) {
      return
    }

    const message = decodeMessage('content' in decrypted ? decrypted.content : decrypted)

    if (message.content == null || message.senderId === this.senderId) {
      return
    }

    // a fair sample of everything, so that some of it is very old
    this.overheard++
    const place = this.heard.length < MAX_HEARD ? this.heard.length : this.random.integer(this.overheard)

    if (place < MAX_HEARD) {
      this.heard[place] = { message, payload }
    }
  }
}
