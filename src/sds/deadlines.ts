/** Something that becomes due. Made once and scheduled any number of times. */
export interface Deadline {
  at: number
  /** place in the heap; -1: not scheduled */
  index: number
  /** among those of one time, what was first scheduled first is due first; 0: it never was */
  order: number
  fire (now: number): void
}

export function createDeadline (fire: (now: number) => void): Deadline {
  return { at: Infinity, index: -1, order: 0, fire }
}

/** A heap of deadlines that can be moved and cancelled in O(log n). */
export class Deadlines {
  private readonly heap: Deadline[] = []
  private count = 0

  get next (): number | undefined {
    return this.heap[0]?.at
  }

  schedule (deadline: Deadline, at: number): void {
    deadline.at = at

    if (deadline.order === 0) {
      deadline.order = ++this.count
    }

    if (deadline.index < 0) {
      deadline.index = this.heap.push(deadline) - 1
    }

    this.up(deadline.index)
    this.down(deadline.index)
  }

  cancel (deadline: Deadline): void {
    const { index } = deadline

    if (index < 0) {
      return
    }

    const last = this.heap.pop()
    deadline.index = -1

    if (last != null && last !== deadline) {
      this.put(index, last)
      this.up(index)
      this.down(last.index)
    }
  }

  /** Takes out the next deadline that is due at `now`. */
  take (now: number): Deadline | undefined {
    const top = this.heap[0]

    if (top == null || top.at > now) {
      return undefined
    }

    this.cancel(top)

    return top
  }

  private put (index: number, deadline: Deadline): void {
    this.heap[index] = deadline
    deadline.index = index
  }

  private up (index: number): void {
    const deadline = this.heap[index]

    while (index > 0) {
      const parent = (index - 1) >> 1

      if (!isBefore(deadline, this.heap[parent])) {
        break
      }

      this.put(index, this.heap[parent])
      index = parent
    }

    this.put(index, deadline)
  }

  private down (index: number): void {
    const deadline = this.heap[index]

    for (;;) {
      let child = index * 2 + 1

      if (child >= this.heap.length) {
        break
      }

      if (child + 1 < this.heap.length && isBefore(this.heap[child + 1], this.heap[child])) {
        child++
      }

      if (!isBefore(this.heap[child], deadline)) {
        break
      }

      this.put(index, this.heap[child])
      index = child
    }

    this.put(index, deadline)
  }
}

function isBefore (a: Deadline, b: Deadline): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at
}
