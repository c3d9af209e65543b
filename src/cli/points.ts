import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { PLATFORM_OPTIONS } from '../node/transports.js'
import { RENDEZVOUS_PROTOCOL } from '../rendezvous/index.js'
import { CliError, describeError, UsageError } from './errors.js'
import type { Multiaddr } from '@multiformats/multiaddr'

const DIAL_TIMEOUT_MS = 10_000

/** @throws {UsageError} one of them is no multiaddr */
export function parseAddresses (option: string, texts: string[]): Multiaddr[] {
  return texts.map(text => {
    try {
      return multiaddr(text)
    } catch (err) {
      throw new UsageError(`--${option} ${text} is no multiaddr: ${describeError(err)}`)
    }
  })
}

/** @throws {UsageError} there is none, or one does not say whose address it is */
export function parsePoints (texts: string[]): Multiaddr[] {
  if (texts.length === 0) {
    throw new UsageError('--rendezvous <multiaddr> is needed: an address that `holdfast rendezvous` printed')
  }

  const points = parseAddresses('rendezvous', texts)
  const nameless = points.findIndex(point => point.getComponents().at(-1)?.name !== 'p2p')

  if (nameless !== -1) {
    throw new UsageError(`--rendezvous ${texts[nameless]} does not end in /p2p/<peer ID>`)
  }

  return points
}

/**
 * Asks each point, under an identity that is thrown away and before anything is stored, whether
 * it is there and speaks the protocol. Listens meanwhile, so that an address that cannot be had
 * shows as early.
 *
 * @returns what is wrong with those that do not answer
 * @throws {CliError} none answers
 */
export async function checkPoints (points: Multiaddr[], listen: string[], signal: AbortSignal): Promise<string[]> {
  const libp2p = await createLibp2p({ ...PLATFORM_OPTIONS, addresses: { listen }, connectionEncrypters: [noise()], streamMuxers: [yamux()] })

  try {
    const results = await Promise.all(points.map(async point => {
      try {
        const stream = await libp2p.dialProtocol(point, RENDEZVOUS_PROTOCOL, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]) })

        await stream.close()

        return []
      } catch (err) {
        return [reason(point, err)]
      }
    }))
    const wrong = results.flat()

    signal.throwIfAborted()

    if (wrong.length === points.length) {
      throw new CliError(wrong.join('; '))
    }

    return wrong
  } finally {
    await libp2p.stop()
  }
}

function reason (point: Multiaddr, err: unknown): string {
  if (err instanceof Error && err.name === 'UnsupportedProtocolError') {
    return `${point.toString()} is no rendezvous point: it does not speak ${RENDEZVOUS_PROTOCOL}`
  }

  const message = describeError(err)

  if (err instanceof Error && (/^(Timeout|Abort)Error$/.test(err.name) || /timeout/i.test(message))) {
    return `the rendezvous point ${point.toString()} cannot be reached: no answer within ${DIAL_TIMEOUT_MS / 1000} s`
  }

  // what was read is none of libp2p's
  if (err instanceof Error && (err.name === 'InvalidMessageError' || (err.name === 'EncryptionFailedError' && !message.includes('identity key')))) {
    return `the rendezvous point ${point.toString()} cannot be reached: what answers there is no libp2p peer (${message})`
  }

  return `the rendezvous point ${point.toString()} cannot be reached: ${message}`
}
