import { Uint8ArrayList } from 'uint8arraylist'
import type { FrameInput } from './frame-input.js'

/** Field tags of exchange.proto. */
const SESSION = 0x08
const DELIVERY = 0x3a
const DELIVERY_ID = 0x08
const DELIVERY_PAYLOAD = 0x12
const DELIVERY_BY_HASH = 0x18

/**
 * A frame of deliveries as its codec would encode it, without copying the payloads: they are most
 * of what the exchange sends.
 */
export function encodeDeliveries (session: number, deliveries: NonNullable<FrameInput['deliveries']>): Uint8ArrayList {
  const list = new Uint8ArrayList()
  let head: number[] = []

  if (session !== 0) {
    head.push(SESSION)
    pushVarint(head, session)
  }

  for (const { id = 0, payload = new Uint8Array(), byHash } of deliveries) {
    const inner: number[] = []

    if (id !== 0) {
      inner.push(DELIVERY_ID)
      pushVarint(inner, id)
    }

    if (payload.byteLength > 0) {
      inner.push(DELIVERY_PAYLOAD)
      pushVarint(inner, payload.byteLength)
    }

    head.push(DELIVERY)
    pushVarint(head, inner.length + payload.byteLength + (byHash === true ? 2 : 0))
    head.push(...inner)
    list.append(Uint8Array.from(head))
    list.append(payload)
    head = byHash === true ? [DELIVERY_BY_HASH, 1] : []
  }

  list.append(Uint8Array.from(head))

  return list
}

export function pushVarint (bytes: number[], value: number): void {
  for (; value > 0x7f; value = Math.floor(value / 128)) {
    bytes.push((value & 0x7f) | 0x80)
  }

  bytes.push(value)
}
