import { announce } from './announce.ts'
import { problems } from './problems.ts'

/** A click or key that waited longer than this was made on a screen that is gone. */
const LATE_MS = 1_000
const SHOWN_MS = 6_000

/**
 * Swallows what was clicked while the page slept (a frozen tab, a suspended machine): the browser delivers it when the page is
 * back, and by then the human saw something else.
 */
export function refuseStaleInput(): void {
  let cancel: ReturnType<typeof setTimeout> | undefined
  const check = (event: Event): void => {
    const waited = performance.now() - event.timeStamp
    if (!event.isTrusted || waited < LATE_MS) return
    event.preventDefault()
    event.stopImmediatePropagation()
    const words = 'The page was asleep, and what you pressed meanwhile was not carried out'
    announce(words)
    problems.show('asleep', { level: 'wait', title: words, next: 'Look at the screen, then press again.' })
    clearTimeout(cancel)
    cancel = setTimeout(() => problems.clear('asleep'), SHOWN_MS)
  }
  for (const type of ['click', 'keydown'] as const) addEventListener(type, check, { capture: true })
}
