/** What is to happen, by simulated time; at the same time, in the order it was put in. */
export interface Agenda {
  /** Runs `action` at `at`, or with the next one when that is past. */
  put(at: number, action: () => void): void
  /** Infinity when nothing is to happen. */
  nextAt(): number
  /** Takes the next action out. */
  take(): { at: number; action: () => void } | undefined
}

/** An empty agenda. A binary heap: entries come by the hundred per simulated second. */
export function openAgenda(): Agenda {
  const heap: { at: number; order: number; action: () => void }[] = []
  let order = 0
  const before = (a: number, b: number): boolean => {
    const [x, y] = [heap[a], heap[b]]
    return x !== undefined && y !== undefined && (x.at < y.at || (x.at === y.at && x.order < y.order))
  }
  const swap = (a: number, b: number): void => {
    const [x, y] = [heap[a], heap[b]]
    if (x !== undefined && y !== undefined) {
      heap[a] = y
      heap[b] = x
    }
  }
  return {
    put(at, action) {
      heap.push({ at, order: order++, action })
      let child = heap.length - 1
      while (child > 0) {
        const parent = (child - 1) >> 1
        if (!before(child, parent)) break
        swap(child, parent)
        child = parent
      }
    },
    nextAt: () => heap[0]?.at ?? Number.POSITIVE_INFINITY,
    take() {
      const first = heap[0]
      const last = heap.pop()
      if (first === undefined || last === undefined || first === last) return first
      heap[0] = last
      let parent = 0
      for (;;) {
        const [left, right] = [2 * parent + 1, 2 * parent + 2]
        let least = parent
        if (before(left, least)) least = left
        if (before(right, least)) least = right
        if (least === parent) return first
        swap(least, parent)
        parent = least
      }
    },
  }
}
