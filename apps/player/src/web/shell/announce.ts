import { signal } from '@preact/signals'

/** What the polite live region says: screen readers read it when they are free. */
export const announcement = signal('')

/** Says something to screen readers, without moving anything. The same words twice are read twice. */
export function announce(text: string): void {
  announcement.value = announcement.peek() === text ? `${text}\u00a0` : text
}
