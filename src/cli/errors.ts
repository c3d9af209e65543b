/** Something that the person at the keyboard can mend: one line on stderr, exit code 1. */
export class CliError extends Error {
  static name = 'CliError'
  name = 'CliError'
}

/** The command line is not right: one line on stderr, exit code 2. */
export class UsageError extends Error {
  static name = 'UsageError'
  name = 'UsageError'
}

/** The one line that says what went wrong. */
export function describeError (err: unknown): string {
  if (!(err instanceof Error)) {
    return String(err)
  }

  const failed = err.name === 'UnsupportedListenAddressesError' ? [...err.message.matchAll(/^ *(\/\S+): (?:Error: )?(.*)$/gm)] : []

  if (failed.length > 0) {
    return `cannot listen on ${failed.map(([, address, why]) => `${address}: ${why}`).join('; ')}`
  }

  // the first of several says more than that there were several
  const [first] = err instanceof AggregateError ? err.errors as unknown[] : []
  const message = first instanceof Error && !err.message.includes(first.message)
    ? `${err.message}: ${first.message}`
    : err.message

  // some put the stack of their cause into their message
  return (message === '' ? err.name : message).replaceAll(/\n\s*at .*/g, '').trim().replaceAll(/\s*\n\s*/g, ' ')
}
