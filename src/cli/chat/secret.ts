import { isCancel, password } from '@clack/prompts'
import { plaintext, symmetric } from '../../encryption/index.js'
import { CliError, UsageError } from '../errors.js'
import { isInteractive } from '../io.js'
import type { Encryption } from '../../encryption/index.js'
import type { CliIo } from '../io.js'

export const SECRET_VARIABLE = 'HOLDFAST_SECRET'

/**
 * How a channel is encrypted, as somebody has said: a channel that nobody gave a secret for is
 * never silently in the clear.
 *
 * @throws {UsageError} nothing says how, and nobody can be asked
 */
export async function chooseEncryption (options: { secret?: string, plaintext: boolean }, io: CliIo): Promise<Encryption> {
  if (options.plaintext) {
    if (options.secret != null) {
      throw new UsageError('--secret and --plaintext exclude each other')
    }

    return plaintext()
  }

  const given = options.secret ?? io.env[SECRET_VARIABLE]

  if (given != null && given !== '') {
    return symmetric({ passphrase: given })
  }

  if (!isInteractive(io)) {
    throw new UsageError(`no passphrase: give --secret or ${SECRET_VARIABLE}, or --plaintext for a channel that everybody can read`)
  }

  const answer = await password({
    message: 'Passphrase of the channel',
    validate: value => value == null || value === '' ? 'It must not be empty' : undefined,
    input: io.stdin,
    output: io.stdout,
    signal: io.signal
  })

  if (isCancel(answer)) {
    throw new CliError('no passphrase was given')
  }

  return symmetric({ passphrase: answer })
}
