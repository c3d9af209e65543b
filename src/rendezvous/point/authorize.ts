import { ResponseStatus } from '../constants.js'
import { Refusal } from './context.js'
import type { PointContext } from './context.js'
import type { PeerId } from '@libp2p/interface'

export async function authorize ({ config }: PointContext, peer: PeerId, namespace: string): Promise<void> {
  if (config.authorize != null && !await config.authorize(peer, namespace)) {
    throw new Refusal(ResponseStatus.NOT_AUTHORIZED, 'not authorized')
  }
}
