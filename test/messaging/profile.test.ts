import { describe, expect, it } from 'vitest'
import { createProfile } from '../../src/messaging/index.js'
import type { ProfileOptions } from '../../src/messaging/index.js'

describe('profile', () => {
  it('default: the content topic is the gossipsub topic', () => {
    expect(createProfile({}).pubsubTopic('any text')).to.equal('any text')
    expect(() => createProfile({}).pubsubTopic('')).to.throw().with.property('name', 'InvalidParametersError')
  })

  // those of js-waku's tests of autosharding, 8 shards
  it.each([
    ['/toychat/2/huilong/proto', 3],
    ['/0/toychat/2/huilong/proto', 3],
    ['/myapp/1/latest/proto', 0],
    ['/waku/2/content/test.js', 1],
    ['/statusim/1/community/cbor', 4],
    ['/0/statusim/1/community/cbor', 4],
    ['/app/22/sometopic/someencoding', 2],
    ['/app/27/sometopic/someencoding', 5],
    ['/app/20/sometopic/someencoding', 7],
    ['/app/29/sometopic/someencoding', 6]
  ])('waku: %s is on shard %i', (contentTopic, shard) => {
    expect(createProfile({ profile: 'waku' }).pubsubTopic(contentTopic)).to.equal(`/waku/2/rs/1/${shard}`)
  })

  it.each([[16, 15], [2, 1], [1, 0]])('waku: with %i shards it is shard %i', (shards, shard) => {
    expect(createProfile({ profile: 'waku', cluster: 42, shards }).pubsubTopic('/app/20/sometopic/someencoding')).to.equal(`/waku/2/rs/42/${shard}`)
  })

  it.each(['', ' ', 'myContentTopic', '/myapp/1/mytopic', '/0/myapp/1/mytopic/cbor/extra', '/a/myapp/1/mytopic/cbor', '/1/myapp/1/mytopic/cbor', '//1/mytopic/cbor', '/app//mytopic/cbor', '/app/1//cbor', '/app/1/mytopic/'])('waku: refuses %j', contentTopic => {
    expect(() => createProfile({ profile: 'waku' }).pubsubTopic(contentTopic)).to.throw().with.property('name', 'InvalidParametersError')
  })

  it.each<[string, ProfileOptions]>([
    ['another profile', { profile: 'nimbus' as 'waku' }],
    ['no shards', { shards: 0 }],
    ['a negative cluster', { cluster: -1 }],
    ['half a shard', { shards: 1.5 }]
  ])('refuses %s', (_, options) => {
    expect(() => createProfile(options)).to.throw().with.property('name', 'InvalidParametersError')
  })
})
