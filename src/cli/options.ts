import { UsageError } from './errors.js'

/** Values of `--name value` and `--name=value` as they were typed, in order; nothing behind `--`. */
export function listOption (args: string[], name: string): string[] {
  const end = args.indexOf('--')
  const given = end === -1 ? args : args.slice(0, end)
  const values: string[] = []

  given.forEach((arg, i) => {
    if (arg === `--${name}`) {
      values.push(given[i + 1] ?? '')
    } else if (arg.startsWith(`--${name}=`)) {
      values.push(arg.slice(name.length + 3))
    }
  })

  if (values.includes('')) {
    throw new UsageError(`--${name} needs a value`)
  }

  return values
}

/** @throws {UsageError} it is given twice, or empty */
export function textOption (args: string[], name: string): string | undefined {
  const [value, ...others] = listOption(args, name)

  if (others.length > 0) {
    throw new UsageError(`--${name} is given more than once`)
  }

  return value
}

/** @throws {UsageError} it is no whole number from `min` to `max` */
export function numberOption (args: string[], name: string, { min, max = Number.MAX_SAFE_INTEGER }: { min: number, max?: number }): number | undefined {
  const text = textOption(args, name)

  if (text == null) {
    return undefined
  }

  const value = Number(text)

  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${name} is a whole number ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}, not ${text}`)
  }

  return value
}

/** Whether a switch is there: by its long name, or by its letter. */
export function isSet (args: string[], name: string, letter?: string): boolean {
  const end = args.indexOf('--')
  const given = end === -1 ? args : args.slice(0, end)

  return given.includes(`--${name}`) || (letter != null && given.includes(`-${letter}`))
}
