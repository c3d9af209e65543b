import type { Frame } from '../pb/exchange.js'

/** What is sent may be a view over any buffer. */
type Sendable<T> = T extends Uint8Array ? Uint8Array : T extends Array<infer U> ? Array<Sendable<U>> : T extends object ? { [K in keyof T]: Sendable<T[K]> } : T

/** A frame to send: what is absent is empty. */
export type FrameInput = Partial<Sendable<Frame>>
