/** What was thrown, or what a promise rejected with, as an Error: it may be anything. */
export function toError (err: unknown): Error {
  return err instanceof Error ? err : new Error(String(err))
}
