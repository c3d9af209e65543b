import { InvalidParametersError } from '@libp2p/interface'
import { defaultMessageId, wakuMessageId } from './message-hash.js'
import { shardTopic } from './sharding.js'
import type { MessageIdFn } from './message-hash.js'

/** `waku`: the topics and message IDs of Waku clusters without RLN. */
export type MessagingProfile = 'default' | 'waku'

export interface ProfileOptions {
  /** @default 'default' */
  profile?: MessagingProfile
  /** cluster ID of the `waku` profile. @default 1 */
  cluster?: number
  /** shards of that cluster. @default 8 */
  shards?: number
}

/** What the profiles do differently. */
export interface Profile {
  name: MessagingProfile
  /** The gossipsub topic of a content topic. Throws an InvalidParametersError when that cannot be one. */
  pubsubTopic (contentTopic: string): string
  messageId: MessageIdFn
}

export function createProfile ({ profile = 'default', cluster = 1, shards = 8 }: ProfileOptions): Profile {
  for (const [name, value, min] of [['cluster', cluster, 0], ['shards', shards, 1]] as const) {
    if (!Number.isInteger(value) || value < min || value > 65_535) {
      throw new InvalidParametersError(`${name} must be a whole number from ${min} to 65535, got ${value}`)
    }
  }

  switch (profile) {
    case 'default':
      return { name: profile, messageId: defaultMessageId, pubsubTopic: nonEmpty }
    case 'waku':
      return { name: profile, messageId: wakuMessageId, pubsubTopic: contentTopic => shardTopic(contentTopic, cluster, shards) }
    default:
      throw new InvalidParametersError(`profile must be 'default' or 'waku', got ${JSON.stringify(profile)}`)
  }
}

function nonEmpty (contentTopic: string): string {
  if (typeof contentTopic !== 'string' || contentTopic === '') {
    throw new InvalidParametersError('contentTopic must be a string that is not empty')
  }

  return contentTopic
}
