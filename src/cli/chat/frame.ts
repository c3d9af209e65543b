import { ChatFrame } from '../pb/chat-frame.js'

/** Characters of a name, of an author and of a file, that are shown. */
const MAX_NAME_LENGTH = 64
const MAX_FILE_NAME_LENGTH = 255

/** What one message of a chat holds. */
export type ChatContent =
  | { kind: 'text', author: string, text: string }
  | { kind: 'file', author: string, name: string, content: Uint8Array }

export function encodeContent (content: ChatContent): Uint8Array {
  return ChatFrame.encode(content.kind === 'text'
    ? { author: content.author, text: content.text }
    : { author: content.author, fileName: content.name, fileContent: Uint8Array.from(content.content) })
}

/** @returns undefined for what another application has sent */
export function decodeContent (payload: Uint8Array): ChatContent | undefined {
  try {
    const { author = '', text, fileName, fileContent } = ChatFrame.decode(payload)
    const name = author.slice(0, MAX_NAME_LENGTH)

    if (text != null) {
      return { kind: 'text', author: name, text }
    }

    return fileName == null
      ? undefined
      : { kind: 'file', author: name, name: fileName.slice(0, MAX_FILE_NAME_LENGTH), content: fileContent ?? new Uint8Array() }
  } catch {
    return undefined
  }
}
