import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

/** A dialog over the page: focus stays inside, Escape and the backdrop close it. */
export function Sheet(props: {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  useEffect(() => {
    const element = dialog.current
    if (element === null) return
    if (props.open && !element.open) element.showModal()
    if (!props.open && element.open) element.close()
  }, [props.open])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a dialog closes on Escape by itself; the click is on its backdrop
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby={title}
      onClose={props.onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) props.onClose()
      }}
    >
      {props.open && (
        <div class="sheet-body">
          <header>
            <h2 id={title}>{props.title}</h2>
            <button type="button" class="quiet" onClick={props.onClose} aria-label="Close">
              ✕
            </button>
          </header>
          {props.children}
        </div>
      )}
    </dialog>
  )
}
