import { signal } from '@preact/signals'

/** Something that went wrong, in words, with what to do next. */
export interface Problem {
  readonly title: string
  readonly detail?: string
  /** The next step, as a sentence. */
  readonly next: string
  /** A button that takes the step. */
  readonly action?: { readonly label: string; readonly run: () => void }
  /** `wait`: it mends itself and is said quietly. Default `error`. */
  readonly level?: 'error' | 'wait'
}

const shown = signal<ReadonlyMap<string, Problem>>(new Map())

/** What the banner shows. One entry per topic: a later one replaces it, and its owner clears it. */
export const problems = {
  all: shown,
  show(topic: string, problem: Problem): void {
    shown.value = new Map(shown.peek()).set(topic, problem)
  },
  clear(topic: string): void {
    if (!shown.peek().has(topic)) return
    const rest = new Map(shown.peek())
    rest.delete(topic)
    shown.value = rest
  },
}
