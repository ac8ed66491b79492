import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/** One key and what it does. */
export interface Shortcut {
  /** `KeyboardEvent.key`, lower case for letters: `b`, `?`, `Escape`, `ArrowLeft`, ` `. With `shift+` before it where shift matters. */
  readonly key: string
  readonly label: string
  /** Heading in the help: `Play`, `Transport`, `Everywhere`. */
  readonly group: string
  readonly run: () => void
  /** May fire again while the key is held. Never set it for anything that moves money. Default false. */
  readonly repeats?: boolean
}

const KEY = 'vectra.shortcuts'

/** Shortcuts that work now, for the help. */
export const shortcuts = signal<readonly Shortcut[]>([])

/** Single-key shortcuts on or off (WCAG 2.1.4). Escape always works. */
export const shortcutsOn = signal(localStorage.getItem(KEY) !== 'off')

/** Switches single-key shortcuts. */
export function switchShortcuts(on: boolean): void {
  shortcutsOn.value = on
  localStorage.setItem(KEY, on ? 'on' : 'off')
}

/** Shortcuts of a component, for as long as it is shown. A key runs what the last drawing gave it: closures stay fresh. */
export function useShortcuts(list: readonly Shortcut[]): void {
  const latest = useRef(list)
  latest.current = list
  // Keys and words seldom change; a component is drawn several times a second.
  const names = list.map(({ key, label, group, repeats }) => [key, label, group, repeats].join('\n')).join('\n\n')
  useEffect(() => {
    const mine = latest.current.map((shortcut, index): Shortcut => ({ ...shortcut, run: () => latest.current[index]?.run() }))
    shortcuts.value = [...shortcuts.peek(), ...mine]
    return () => {
      shortcuts.value = shortcuts.peek().filter((one) => !mine.includes(one))
    }
  }, [names])
}

/** What a key event is called in {@link Shortcut.key}. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'shiftKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key)) ? `shift+${key}` : key
}

/** Does typing go into this element? */
function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && !['button', 'checkbox', 'radio', 'range', 'submit'].includes(target.type)
}

/** One listener for the page. Ignored: keys with Ctrl, Alt or Meta, keys in text fields, and the repeats of a held key. */
export function listenForKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return
    const name = keyName(event)
    if (name !== 'Escape' && (takesText(event.target) || !shortcutsOn.peek())) return
    if (document.querySelector('dialog[open]') !== null && name !== 'Escape') return
    const found = shortcuts.peek().findLast((one) => one.key === name)
    if (found === undefined || (event.repeat && found.repeats !== true)) return
    // Space and Enter press the focused control; a shortcut on them must not do both.
    if (
      (name === ' ' || name === 'Enter') &&
      event.target instanceof HTMLElement &&
      event.target.closest('button, a, summary, input')
    )
      return
    if (name !== 'Escape') event.preventDefault()
    found.run()
  })
}
