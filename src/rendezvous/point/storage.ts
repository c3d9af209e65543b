import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { JournaledStore, StoreCorruptError } from '../../storage/index.js'
import { nextTask } from '../../next-task.js'
import { MAX_EPOCH } from '../cookie.js'
import { StoredRegistration } from '../pb/stored-registration.js'
import { RegistrationStore } from './registration-store.js'
import type { Registration, RegistrationInit } from './registration-store.js'
import type { Random } from '../../clock.js'
import type { StoreOp } from '../../storage/index.js'
import type { Datastore } from 'interface-datastore'

const PREFIX = '/holdfast/rendezvous/point'
const REGISTRATION = 'registration/'
const EPOCH = 'epoch'
const SEQUENCE = 'sequence'

/** Registrations put in order in one turn of the event loop. */
const LOAD_SLICE = 2_000

export function randomEpoch (random: Random): number {
  return new DataView(random.bytes(4).buffer).getUint32(0) & MAX_EPOCH
}

/**
 * Keeps a point's registrations, so that a restart loses none and its cookies stay valid.
 *
 * One key per registration, named by a hash because namespaces may hold anything. The highest
 * sequence number is written with each of them: it is never given out twice.
 */
export class PointStorage {
  readonly epoch: number
  private readonly journal: JournaledStore

  private constructor (journal: JournaledStore, epoch: number) {
    this.journal = journal
    this.epoch = epoch
  }

  /** @param protocol - a node may be a point of several variants, which share nothing */
  static async open (datastore: Datastore, protocol: string, random: Random): Promise<PointStorage> {
    const journal = await JournaledStore.open({ datastore, prefix: `${PREFIX}/${encodeURIComponent(protocol)}` })
    const stored = await journal.get(EPOCH)
    const epoch = stored == null ? randomEpoch(random) : readNumber(EPOCH, stored)

    if (stored == null) {
      await journal.commit([{ key: EPOCH, value: utf8ToBytes(epoch.toString()) }])
    }

    return new PointStorage(journal, epoch)
  }

  /**
   * Reads everything back, in slices of the event loop.
   *
   * @throws {StoreCorruptError}
   */
  async load (): Promise<RegistrationStore> {
    const sequence = await this.journal.get(SEQUENCE)
    const store = new RegistrationStore(sequence == null ? 0 : readNumber(SEQUENCE, sequence))
    const stored: StoredRegistration[] = []

    for await (const { key, value } of this.journal.list(REGISTRATION)) {
      stored.push(decode(key, value))
    }

    stored.sort((a, b) => a.sequence - b.sequence)

    for (const [i, registration] of stored.entries()) {
      store.put(registration, registration.sequence)

      if (i % LOAD_SLICE === LOAD_SLICE - 1) {
        await nextTask()
      }
    }

    return store
  }

  async put (registration: RegistrationInit & { sequence: number }): Promise<void> {
    await this.journal.commit([{
      key: keyOf(registration.peer, registration.namespace),
      value: StoredRegistration.encode({
        namespace: registration.namespace,
        peer: registration.peer,
        sequence: registration.sequence,
        expiresAt: registration.expiresAt,
        standard: registration.standard as Uint8Array<ArrayBuffer> | undefined,
        legacy: registration.legacy as Uint8Array<ArrayBuffer> | undefined
      })
    }, {
      key: SEQUENCE,
      value: utf8ToBytes(registration.sequence.toString())
    }])
  }

  async delete (registrations: readonly Registration[]): Promise<void> {
    await this.journal.commit(registrations.map(({ peer, namespace }): StoreOp => ({ key: keyOf(peer.id, namespace.name) })))
  }

  async close (): Promise<void> {
    await this.journal.close()
  }
}

function keyOf (peer: string, namespace: string): string {
  return REGISTRATION + bytesToHex(sha256(utf8ToBytes(`${peer}/${namespace}`)))
}

function decode (key: string, value: Uint8Array): StoredRegistration {
  try {
    return StoredRegistration.decode(value)
  } catch (err) {
    throw new StoreCorruptError(`a registration at ${PREFIX} cannot be decoded: ${key}`, { cause: err })
  }
}

function readNumber (key: string, value: Uint8Array): number {
  const text = new TextDecoder().decode(value)

  if (!/^[0-9]{1,15}$/.test(text)) {
    throw new StoreCorruptError(`${key} at ${PREFIX} is not a number`)
  }

  return Number(text)
}
