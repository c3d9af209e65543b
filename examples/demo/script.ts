/** What is said and sent in the demo: real input, the same for everybody who reads it. */
import { createCipheriv, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const BINARY_BYTES = 5 * 1024 * 1024
const BINARY_SEED = 'holdfast demo'

/** Who sends the binary, before a line of its own in the middle. */
export const BINARY_SENDER = 'Alice'

/** Who is killed while the binary comes in. */
export const VICTIM = 'Hatter'

export interface Line {
  speaker: string
  text: string
}

/** The lines of conversation.txt: Lewis Carroll, from "Alice's Adventures in Wonderland" and "Through the Looking-Glass". */
export const LINES: Line[] = readFileSync(new URL('conversation.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => {
    const [, speaker, text] = /^(\w+): (.*)$/.exec(line) ?? []

    return { speaker, text }
  })

export const BINARY_BEFORE_LINE = LINES.findIndex(({ speaker }, i) => speaker === BINARY_SENDER && i >= 100)

export const SPEAKERS = [...new Set(LINES.map(line => line.speaker))]

/** 5 MiB that look random and are the same each time. */
export function makeBinary (): Buffer {
  const key = createHash('sha256').update(BINARY_SEED).digest()

  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(BINARY_BYTES))
}

export function sha256 (bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
