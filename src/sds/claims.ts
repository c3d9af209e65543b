import { packBytes } from '../interned.js'
import { keccak256 } from '../keccak.js'
import { isContentHash } from './ids.js'
import type { MessageId, SdsMessage } from './types.js'

/** Claims that are remembered; beyond that the oldest are taken for proved. */
const MAX_CLAIMS = 1_000

/**
 * IDs of messages that came without the salt that would prove them. Other implementations have
 * none, and @waku/sds leaves it out when it answers a repair request for one of ours; so may
 * somebody who wants another content to pass under that ID.
 */
export class Claims {
  /** ID to Keccak-256 of the content */
  private readonly contents = new Map<MessageId, string>()

  /** The message is taken in: without a proof its ID is believed until the true one comes. */
  believe ({ messageId, idSalt, content }: SdsMessage): void {
    if (idSalt != null || content == null || isContentHash(messageId, content)) {
      return
    }

    this.contents.set(messageId, packBytes(keccak256(content)))

    if (this.contents.size > MAX_CLAIMS) {
      for (const oldest of this.contents.keys()) {
        this.contents.delete(oldest)
        break
      }
    }
  }

  /** Whether a message whose salt proves its ID shows that the claim before it was a lie. */
  isRefuted ({ messageId, idSalt, content }: SdsMessage): boolean {
    const claimed = this.contents.get(messageId)

    return claimed != null && idSalt != null && content != null && claimed !== packBytes(keccak256(content))
  }
}
