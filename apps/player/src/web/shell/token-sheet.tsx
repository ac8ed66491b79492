import { useRef } from 'preact/hooks'
import { Sheet } from '../components/sheet.tsx'
import { askForToken, connectFeed } from '../feed/feed.ts'
import { keepToken } from './token.ts'

/** Takes the printed address, so that a page can follow a gateway that was started anew. */
export function TokenSheet() {
  const field = useRef<HTMLInputElement>(null)
  const use = (event: Event): void => {
    event.preventDefault()
    const input = field.current
    if (input === null) return
    if (keepToken(input.value)) {
      askForToken.value = false
      connectFeed()
    } else {
      input.setCustomValidity('That is no address of vectra: it ends with #token=…')
      input.reportValidity()
    }
  }
  return (
    <Sheet open={askForToken.value} onClose={() => (askForToken.value = false)} title="Follow the new run">
      <form class="token" onSubmit={use}>
        <label for="token-field">The address that vectra printed, or its token</label>
        <input
          id="token-field"
          ref={field}
          type="text"
          autocomplete="off"
          spellcheck={false}
          onInput={() => field.current?.setCustomValidity('')}
        />
        <button type="submit" class="primary">
          Connect
        </button>
      </form>
    </Sheet>
  )
}
