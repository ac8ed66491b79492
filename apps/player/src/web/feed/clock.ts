import { signal } from '@preact/signals'

/** Unix milliseconds, every half second: for ages. Stands still while nobody looks. */
export const now = signal(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 500)
document.addEventListener('visibilitychange', () => {
  now.value = Date.now()
})

/** How long ago, in words: `0.4 s`, `12 s`, `3 min`. */
export function ago(at: number, present: number): string {
  const ms = Math.max(0, present - at)
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`
  return `${Math.round(ms / 3_600_000)} h`
}
