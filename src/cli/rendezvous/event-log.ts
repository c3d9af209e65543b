import type { Clock } from '../../clock.js'
import type { RendezvousPoint } from '../../rendezvous/index.js'

/** Names of the request types, by their number on the wire. */
const REQUESTS: Record<number, string> = { 0: 'register', 2: 'unregister', 3: 'discover' }

/** Prints one line for each event of the point. Namespaces are quoted: peers choose them. */
export function logEvents (point: RendezvousPoint, clock: Clock, print: (line: string) => void): void {
  const log = (...words: Array<string | number | undefined>): void => {
    print([new Date(clock.now()).toISOString(), ...words.filter(word => word != null)].join(' '))
  }

  point.on('register', ({ peer, namespace, ttl, refreshed }) => {
    log(refreshed ? 'refresh' : 'register', peer.toString(), quote(namespace), `ttl=${ttl}`)
  })
  point.on('unregister', ({ peer, namespace }) => { log('unregister', peer.toString(), quote(namespace)) })
  point.on('discover', ({ peer, namespace, returned }) => { log('discover', peer.toString(), quote(namespace ?? ''), `returned=${returned}`) })
  point.on('expire', ({ peer, namespace }) => { log('expire', peer, quote(namespace)) })
  point.on('refuse', ({ peer, type, namespace, status, text }) => {
    log('refuse', peer.toString(), REQUESTS[type] ?? `type=${type}`, namespace == null ? undefined : quote(namespace), `status=${status}`, quote(text))
  })
  point.on('reset', ({ peer, error }) => { log('reset', peer.toString(), quote(error.message)) })
}

/** JSON quotes, with nothing in them that a terminal would obey. */
export function quote (text: string): string {
  return JSON.stringify(text).replaceAll(/[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
