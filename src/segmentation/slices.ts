/**
 * Work that can be interrupted. It yields about every millisecond (a few with the portable
 * backends), so that whoever runs it can let the event loop turn.
 */
export type Steps<T> = Generator<void, T, void>

/** Bytes hashed between two yields: 1 ms with the fast Keccak, 7 ms with the portable one. */
export const SLICE_BYTES = 256 * 1024

/** Runs `steps` to their end without a pause. */
export function atOnce<T> (steps: Steps<T>): T {
  let step = steps.next()

  while (step.done !== true) {
    step = steps.next()
  }

  return step.value
}

/** Runs `steps` to their end and waits for `pause()`, which lets the event loop turn, between them. */
export async function inSlices<T> (steps: Steps<T>, pause: () => Promise<void>): Promise<T> {
  let step = steps.next()

  while (step.done !== true) {
    await pause()
    step = steps.next()
  }

  return step.value
}
