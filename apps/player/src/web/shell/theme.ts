import { effect, signal } from '@preact/signals'

/** What the person chose; `auto` follows the system. */
export type ThemeChoice = 'auto' | 'dark' | 'light'

const KEY = 'vectra.theme'
const stored = localStorage.getItem(KEY)
const systemIsLight = matchMedia('(prefers-color-scheme: light)')

/** The person's choice, kept in this browser. */
export const themeChoice = signal<ThemeChoice>(stored === 'dark' || stored === 'light' ? stored : 'auto')

/** The theme on screen. Charts read their colours again when it changes. */
export const theme = signal<'dark' | 'light'>(resolve(themeChoice.value))

function resolve(choice: ThemeChoice): 'dark' | 'light' {
  return choice === 'auto' ? (systemIsLight.matches ? 'light' : 'dark') : choice
}

/** Dark, light, auto, dark … */
export function nextTheme(): void {
  themeChoice.value = themeChoice.value === 'auto' ? 'dark' : themeChoice.value === 'dark' ? 'light' : 'auto'
}

/** Keeps the document's `data-theme` true. */
export function followTheme(): void {
  systemIsLight.addEventListener('change', () => {
    theme.value = resolve(themeChoice.peek())
  })
  effect(() => {
    theme.value = resolve(themeChoice.value)
    localStorage.setItem(KEY, themeChoice.value)
    document.documentElement.dataset.theme = theme.value
  })
}

/** A colour token's present value, e.g. `token('--up')`: for what draws on a canvas. */
export function token(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
