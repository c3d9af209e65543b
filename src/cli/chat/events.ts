/** What became of a line or file of ours. */
export type OwnState =
  | { name: 'queued' | 'sending' | 'sent' }
  | { name: 'delivered', to: number }
  | { name: 'failed', reason: string }

/** Everything that a chat shows. */
export type ChatEvent =
  | { type: 'joined', channelId: string, name: string, senderId: string, encrypted: boolean, kept: boolean }
  | { type: 'own', requestId: string, text: string, file: boolean }
  | { type: 'state', requestId: string, state: OwnState }
  /** how much of a large message is sent or here, in percent */
  | { type: 'progress', direction: 'out' | 'in', id: string, percent: number }
  | { type: 'received', messageId: string, author: string, text: string, late: boolean }
  /** `path` is missing where nothing is kept */
  | { type: 'file', messageId: string, author: string, name: string, size: number, path?: string }
  | { type: 'status', state: string, peers: number }
  | { type: 'member', senderId: string, name: string, presence: 'you' | 'connected' | 'away' }
  | { type: 'history', messageId: string, author: string, text: string, timestamp: number }
  | { type: 'notice' | 'error', text: string }
  | { type: 'left' }

/** Shows a chat, and reads what is typed. */
export interface ChatView {
  /** ends with the input, or when the person wants to leave */
  readonly lines: AsyncIterable<string>
  /** how long the end of the input may wait for deliveries */
  readonly patienceMs: number
  show (event: ChatEvent): void
  close (): void
}
