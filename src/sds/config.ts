import { InvalidParametersError } from '@libp2p/interface'
import type { SdsConfig } from './types.js'

export const SDS_DEFAULTS: Readonly<SdsConfig> = Object.freeze({
  profile: 'default',
  bloom: 'compact',
  repairMinMs: 2_000,
  repairMaxMs: 20_000,
  lostAfterMs: 60_000,
  maxAheadMs: 86_400_000,
  maxCausalHistory: 32,
  acknowledgementTimeoutMs: 5_000,
  maxRetransmissions: 5,
  deliveredAt: 1,
  maxSeen: 1_000_000
})

/** As Waku clusters have them: T_min, T_max and the wait for lost messages. */
const WAKU_PROFILE: Partial<SdsConfig> = {
  repairMinMs: 30_000,
  repairMaxMs: 120_000,
  lostAfterMs: 300_000
}

/** Least and greatest value of each number. */
const RANGES: Partial<Record<keyof SdsConfig, readonly [number, number]>> = {
  repairMinMs: [1, 3_600_000],
  repairMaxMs: [2, 3_600_000],
  lostAfterMs: [1, 86_400_000],
  maxAheadMs: [0, 2 ** 42],
  maxCausalHistory: [2, 1_000],
  acknowledgementTimeoutMs: [10, 3_600_000],
  maxRetransmissions: [0, 30],
  deliveredAt: [1, 1_000],
  maxSeen: [1, 16_000_000]
}

/**
 * Fills in defaults, those of the profile included.
 *
 * @throws {InvalidParametersError} a value is out of range, or `lostAfterMs` leaves no room for two repair rounds
 */
export function verifyConfig (config: Partial<SdsConfig> = {}): SdsConfig {
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined))
  const out: SdsConfig = {
    ...SDS_DEFAULTS,
    ...(config.profile === 'waku' ? WAKU_PROFILE : {}),
    ...given
  }

  if (out.profile !== 'default' && out.profile !== 'waku') {
    throw new InvalidParametersError(`sds.profile must be 'default' or 'waku', not ${String(out.profile)}`)
  }

  if (out.bloom !== 'compact' && out.bloom !== 'waku') {
    throw new InvalidParametersError(`sds.bloom must be 'compact' or 'waku', not ${String(out.bloom)}`)
  }

  for (const [name, [least, greatest]] of Object.entries(RANGES)) {
    const value = out[name as keyof SdsConfig] as number

    if (!Number.isInteger(value) || value < least || value > greatest) {
      throw new InvalidParametersError(`sds.${name} must be a whole number from ${least} to ${greatest}, not ${String(value)}`)
    }
  }

  if (out.repairMinMs >= out.repairMaxMs) {
    throw new InvalidParametersError(`sds.repairMinMs (${out.repairMinMs}) must be below sds.repairMaxMs (${out.repairMaxMs})`)
  }

  if (out.lostAfterMs <= 2 * out.repairMaxMs) {
    throw new InvalidParametersError(`sds.lostAfterMs (${out.lostAfterMs}) must be more than twice sds.repairMaxMs (${out.repairMaxMs}), so that a repair can be asked for twice`)
  }

  return out
}
