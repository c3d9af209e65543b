import { describe, expect, it } from 'vitest'
import { plaintext } from '../../src/encryption/index.js'
import { createSimulation } from '../../src/testing/index.js'
import type { Channel, ChannelManager } from '../../src/channel/index.js'

/** The application under test: a room that shows who said what. */
class ChatRoom {
  private readonly channel: Channel

  private constructor (channel: Channel) {
    this.channel = channel
  }

  static async open (channels: ChannelManager, nickname: string): Promise<ChatRoom> {
    const channel = await channels.createChannel('room', { encryption: plaintext(), senderId: nickname })

    await channels.start()

    return new ChatRoom(channel)
  }

  async say (text: string): Promise<void> {
    await this.channel.send(new TextEncoder().encode(text))
  }

  async screen (): Promise<string[]> {
    const lines: string[] = []

    for await (const { senderId, payload } of this.channel.history({ order: 'causal' })) {
      lines.push(`${senderId}: ${new TextDecoder().decode(payload)}`)
    }

    return lines
  }
}

describe('the chat room', () => {
  for (let seed = 1; seed <= 10; seed++) {
    it(`shows everybody the same conversation (seed ${seed})`, async () => {
      const names = ['ann', 'bob', 'eve']
      const rooms: ChatRoom[] = []

      await using simulation = await createSimulation({
        seed,
        members: names.length,
        loss: 0.3,
        // run at every start of a member: restarts included
        app: async (member) => {
          rooms[member.index] = await ChatRoom.open(member.channels, names[member.index])
        }
      })
      const [ann, bob] = rooms
      const [, , eve] = simulation.members

      await ann.say('who brings cake?')
      await simulation.run(5_000)

      // eve hears nothing of the answer, and her machine loses power
      simulation.partition([[0, 1], [2]])
      await bob.say('I do')
      await simulation.run(10_000)
      eve.crash()

      simulation.heal()
      await eve.restart()
      await simulation.run(30_000)
      await rooms[2].say('me too')

      // time enough for everything to be repaired
      await simulation.converge()
      simulation.check()

      const screens = await Promise.all(rooms.map(async room => await room.screen()))

      expect(screens[0]).to.have.length(3)
      expect(screens[1]).to.deep.equal(screens[0])
      expect(screens[2]).to.deep.equal(screens[0])
    })
  }
})
