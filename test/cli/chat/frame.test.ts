import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeContent, encodeContent } from '../../../src/cli/chat/frame.js'
import { ChatFrame } from '../../../src/cli/pb/chat-frame.js'

const author = fc.string({ maxLength: 60, unit: 'grapheme' }).filter(text => text.length <= 64 && text.isWellFormed())
const text = fc.string({ unit: 'grapheme' }).filter(text => text.isWellFormed())

it('lines and files come back as they were', () => {
  fc.assert(fc.property(author, text, (author, text) => {
    expect(decodeContent(encodeContent({ kind: 'text', author, text }))).toEqual({ kind: 'text', author, text })
  }))
  fc.assert(fc.property(author, fc.uint8Array(), (author, content) => {
    const decoded = decodeContent(encodeContent({ kind: 'file', author, name: 'a.bin', content }))

    expect(decoded).toMatchObject({ kind: 'file', author, name: 'a.bin' })
    expect(decoded?.kind === 'file' && Buffer.compare(decoded.content, content)).toBe(0)
  }))
})

it('never throws on what others send', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
    expect(['undefined', 'object']).toContain(typeof decodeContent(bytes))
  }))
  expect(decodeContent(ChatFrame.encode({ author: 'a' }))).toBeUndefined()
  expect(decodeContent(Uint8Array.of(0x0a, 0xff))).toBeUndefined()
})

it('bounds names', () => {
  expect(decodeContent(ChatFrame.encode({ author: 'x'.repeat(1000), text: '' }))).toEqual({ kind: 'text', author: 'x'.repeat(64), text: '' })
})
