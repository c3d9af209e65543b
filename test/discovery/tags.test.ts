import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTopic, publicDiscoveryKey } from '../../src/discovery/namespace.js'
import { createTagList, matchTags, TAG_LIST_SIZES, topicTag } from '../../src/discovery/tags.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { testKey } from './simulated-members.js'
import type { TagContext } from '../../src/discovery/tags.js'

const topics = (names: Iterable<number>): ReturnType<typeof createTopic>[] => [...names].map(name => createTopic(publicDiscoveryKey(`topic ${name}`)))

async function createContext (seed: number): Promise<TagContext> {
  const random = seededRandom(seed)

  return {
    initiator: (await testKey(1)).peer,
    responder: (await testKey(2)).peer,
    initiatorNonce: random.bytes(32),
    responderNonce: random.bytes(32)
  }
}

describe('tags', () => {
  it('finds exactly the intersection, and its places', async () => {
    const names = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 })

    await fc.assert(fc.asyncProperty(names, names, fc.integer(), async (ours, theirs, seed) => {
      const context = await createContext(seed)
      const list = createTagList(topics(theirs), 'initiator', context, seededRandom(seed))
      const shared = matchTags(list.tags, topics(ours), 'initiator', context)

      expect(new Set(shared.map(({ topic }) => topic.id))).toEqual(new Set(topics(ours.filter(name => theirs.includes(name))).map(({ id }) => id)))
      expect(shared.every(({ topic, index }) => list.topics[index]?.id === topic.id)).toBe(true)
    }), { numRuns: 40 })
  })

  it('P55: the size of a list tells only which of three sizes holds it', async () => {
    const context = await createContext(1)
    const size = (count: number): number => createTagList(topics(Array(count).keys()), 'initiator', context, seededRandom(count)).tags.length

    expect([0, 1, 16].map(size)).toEqual([16, 16, 16])
    expect([17, 64].map(size)).toEqual([64, 64])
    expect([65, 128, 300].map(size)).toEqual([128, 128, 128])
    expect(TAG_LIST_SIZES).toEqual([16, 64, 128])
  })

  it('P55: a tag is worth nothing for another peer, another session or the other role', async () => {
    const context = await createContext(1)
    const { key } = topics([1])[0]
    const mallory = (await testKey(3)).peer
    const tag = topicTag(key, 'initiator', context)

    for (const other of [
      { ...context, initiator: mallory },
      { ...context, responder: mallory },
      { ...context, initiator: context.responder, responder: context.initiator },
      { ...context, initiatorNonce: context.responderNonce },
      { ...context, responderNonce: context.initiatorNonce }
    ]) {
      expect(topicTag(key, 'initiator', other)).not.toEqual(tag)
    }

    expect(topicTag(key, 'responder', context)).not.toEqual(tag)
    expect(topicTag(key, 'initiator', { ...context })).toEqual(tag)
  })

  it('hides the order in which topics were joined', async () => {
    const context = await createContext(1)
    const order = (seed: number): string => createTagList(topics(Array(10).keys()), 'initiator', context, seededRandom(seed)).topics.map(topic => topic?.id ?? '').join()

    expect(order(1)).not.toBe(order(2))
    expect(order(1)).toBe(order(1))
  })
})
