import { requireNamespace } from './require-namespace.js'
import type { PointContext } from './context.js'
import type { Unregister } from '../pb/rendezvous.js'
import type { PeerId } from '@libp2p/interface'

/** UNREGISTER, which has no answer. A peer can only remove what is its own. */
export async function unregister (context: PointContext, peer: PeerId, request: Unregister): Promise<void> {
  const namespace = requireNamespace(request.ns, 1)
  const registration = context.store.get(namespace, peer.toString())

  if (registration == null) {
    return
  }

  context.store.remove(registration)
  context.onChange()
  await context.sink?.delete([registration])
  context.events.emit('unregister', { peer, namespace })
}
