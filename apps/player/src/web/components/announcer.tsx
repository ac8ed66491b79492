import { announcement } from '../shell/announce.ts'

/** The polite live region; see `announce()`. */
export function Announcer() {
  return (
    <p class="hidden" role="status" aria-live="polite" data-t="announcement">
      {announcement.value}
    </p>
  )
}
