import { InvalidParametersError } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { NodeInit } from './types.js'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * What can be wrong with addresses, before anything is opened or stored.
 *
 * @throws {InvalidParametersError}
 */
export function verifyNodeInit (init: NodeInit): void {
  check('listen', init.listen)
  check('rendezvousPoints', init.rendezvousPoints, true)
  check('discovery.bootstrap', init.discovery?.bootstrap, true)
}

function check (name: string, addresses: ReadonlyArray<string | Multiaddr> = [], ofPeer = false): void {
  for (const address of addresses) {
    const components = parse(name, address).getComponents()

    if (ofPeer && components.at(-1)?.name !== 'p2p') {
      throw new InvalidParametersError(`${name}: ${String(address)} does not end in /p2p/<peer ID>`)
    }
  }
}

function parse (name: string, address: string | Multiaddr): Multiaddr {
  try {
    return multiaddr(address)
  } catch (err) {
    throw new InvalidParametersError(`${name}: ${String(address)} is no multiaddr: ${err instanceof Error ? err.message : String(err)}`)
  }
}
