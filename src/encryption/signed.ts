import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { InvalidParametersError } from '@libp2p/interface'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { NotMemberError, SignatureError } from './errors.js'
import { concat, prefixed, sameBytes, utf8 } from './framing.js'
import { decodeSigned, encodeSigned } from './signed-content.js'
import type { Decrypted, Encryption, EncryptionContext } from './types.js'
import type { Bytes } from '../clock.js'
import type { PeerId, PrivateKey, PublicKey } from '@libp2p/interface'

const DOMAIN = utf8('holdfast/signed-content/1')

/** Senders whose decoded keys are kept at hand. */
const MAX_CACHED = 1024

export interface SignedOptions {
  /** signs what we send; usually the node's own */
  privateKey: PrivateKey
  /**
   * Who may write: a list that is copied, or a function that is asked for each message. A sender
   * ID that is a peer ID must be the signer's own in any case; where sender IDs are names, only a
   * function can hold a name and its key together.
   *
   * @default everybody who can encrypt
   */
  members?: Iterable<PeerId> | ((sender: PeerId, senderId: string) => boolean)
}

interface Signer {
  peerId: PeerId
  publicKey: PublicKey
}

/**
 * Signs content before `inner` encrypts it, so that each message proves its sender: the signature
 * covers channel ID, content topic, sender ID and content. Adds about 110 bytes with Ed25519.
 */
export function signed (inner: Encryption, options: SignedOptions): Encryption {
  return new SignedEncryption(inner, options)
}

class SignedEncryption implements Encryption {
  readonly discoverySecrets?: Encryption['discoverySecrets']
  readonly onSecrets?: Encryption['onSecrets']
  readonly #inner: Encryption
  readonly #privateKey: PrivateKey
  readonly #publicKey: Uint8Array
  readonly #own: string
  readonly #isMember: (sender: PeerId, senderId: string) => boolean
  readonly #signers = new Map<string, Signer>()

  constructor (inner: Encryption, options: SignedOptions) {
    if (typeof inner?.encrypt !== 'function' || typeof inner.decrypt !== 'function') {
      throw new InvalidParametersError('signed() wraps another encryption, plaintext() included')
    }

    if (typeof options?.privateKey?.sign !== 'function') {
      throw new InvalidParametersError('privateKey must be a libp2p private key')
    }

    this.#inner = inner
    this.#privateKey = options.privateKey
    this.#publicKey = publicKeyToProtobuf(options.privateKey.publicKey)
    this.#own = ownPeerId(options.privateKey)
    this.#isMember = membership(options.members)
    this.discoverySecrets = inner.discoverySecrets?.bind(inner)
    this.onSecrets = inner.onSecrets?.bind(inner)
  }

  async encrypt (content: Uint8Array, context: EncryptionContext): Promise<Uint8Array> {
    const signature = await this.#privateKey.sign(signedBytes(content, context, context.senderId))

    return this.#inner.encrypt(encodeSigned({
      publicKey: this.#publicKey,
      // the peer ID follows from the key
      senderId: context.senderId === this.#own ? '' : context.senderId,
      signature,
      content
    }), context)
  }

  async decrypt (payload: Uint8Array, context: EncryptionContext): Promise<Decrypted> {
    const decrypted = await this.#inner.decrypt(payload, context)

    if (decrypted == null) {
      return null
    }

    const { publicKey, senderId: named, signature, content } = decodeSigned(decrypted instanceof Uint8Array ? decrypted : decrypted.content)
    const signer = this.#signer(publicKey)
    const senderId = named === '' ? signer.peerId.toString() : named

    // before the signature, which costs more
    if (!this.#isMember(signer.peerId, senderId)) {
      throw new NotMemberError(`${signer.peerId} is not a member, or not under the sender ID ${JSON.stringify(senderId)}`)
    }

    if (named !== '' && isPeerId(named) && !signer.peerId.equals(peerIdFromString(named))) {
      throw new SignatureError(`signed by ${signer.peerId} under the peer ID of another, ${named}`)
    }

    if (!await verify(signer.publicKey, signedBytes(content, context, senderId), signature)) {
      throw new SignatureError(`the signature of ${signer.peerId} does not match`)
    }

    return { content, sender: signer.peerId, senderId }
  }

  #signer (publicKey: Uint8Array): Signer {
    const cacheKey = String.fromCharCode(...publicKey)
    let signer = this.#signers.get(cacheKey)

    if (signer == null) {
      signer = parseSigner(publicKey)

      if (this.#signers.size >= MAX_CACHED) {
        this.#signers.clear()
      }

      this.#signers.set(cacheKey, signer)
    }

    return signer
  }
}

function parseSigner (bytes: Uint8Array): Signer {
  let publicKey: PublicKey
  let peerId: PeerId

  try {
    publicKey = publicKeyFromProtobuf(bytes)
    peerId = peerIdFromPublicKey(publicKey)
  } catch (err) {
    throw new SignatureError('the signer\'s public key cannot be read', { cause: err })
  }

  // the signature does not cover these bytes: one key, one form
  if (!sameBytes(publicKeyToProtobuf(publicKey), bytes)) {
    throw new SignatureError('the signer\'s public key is not in its canonical form')
  }

  return { publicKey, peerId }
}

function ownPeerId ({ publicKey }: PrivateKey): string {
  try {
    return peerIdFromPublicKey(publicKey).toString()
  } catch {
    throw new InvalidParametersError(`a ${publicKey.type} key has no peer ID: use Ed25519, secp256k1 or RSA`)
  }
}

async function verify (publicKey: PublicKey, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    return await publicKey.verify(data, signature)
  } catch {
    // some key types throw on a signature of the wrong length
    return false
  }
}

function membership (members: SignedOptions['members']): (sender: PeerId, senderId: string) => boolean {
  if (members == null || typeof members === 'function') {
    return members ?? (() => true)
  }

  const ids = new Set(Array.from(members, member => member.toString()))

  return sender => ids.has(sender.toString())
}

function isPeerId (text: string): boolean {
  try {
    peerIdFromString(text)

    return true
  } catch {
    return false
  }
}

function signedBytes (content: Uint8Array, { channelId, contentTopic }: EncryptionContext, senderId: string): Bytes {
  return concat(DOMAIN, prefixed(channelId), prefixed(contentTopic), prefixed(senderId), content)
}
