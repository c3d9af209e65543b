/**
 * Testing an application without a network and without waiting: the messaging layer is a fake
 * that does what the test says, and time passes when the test says so.
 */
import assert from 'node:assert/strict'
import { ChannelManager, plaintext } from 'holdfast'
import { createFakeMessaging, SimulatedClock } from 'holdfast/testing'
import type { Channel } from 'holdfast'

/** The application: it shows beside each line what became of it. */
class Notes {
  readonly shown = new Map<string, string>()
  private readonly channel: Channel

  constructor (channel: Channel) {
    this.channel = channel
    channel.events.on('reliable:message:sent', ({ requestId }) => { this.shown.set(requestId, 'sent') })
    channel.events.on('reliable:message:send-error', ({ requestId, error }) => { this.shown.set(requestId, `failed: ${error.name}`) })
  }

  async write (text: string): Promise<string> {
    const requestId = await this.channel.send(new TextEncoder().encode(text))

    this.shown.set(requestId, 'queued')

    return requestId
  }
}

const clock = new SimulatedClock()
const messaging = createFakeMessaging({ confirm: 'manual' })
const channels = new ChannelManager({ messaging, clock })

await channels.start()

const notes = new Notes(await channels.createChannel('notes', { encryption: plaintext() }))

// a line is queued, handed over, and sent when the network says so
const first = await notes.write('buy oysters')

assert.equal(notes.shown.get(first), 'queued')
await clock.advance(100)
assert.equal(messaging.sent.length, 1)
messaging.confirm(messaging.sent[0].requestId)
await clock.advance(100)
assert.equal(notes.shown.get(first), 'sent')

// the network never answers: half a minute later, which takes no time here, that is shown too
const second = await notes.write('and pepper')

await clock.advance(60_000)
assert.match(notes.shown.get(second) ?? '', /^failed: /)

await channels.stop()
console.log(`first: ${notes.shown.get(first)}, second: ${notes.shown.get(second)}`)
