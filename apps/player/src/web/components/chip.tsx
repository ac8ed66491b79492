import type { ComponentChildren } from 'preact'

/** How a chip looks; the word in it says the same, so colour is never alone. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'info'

/** A small fact: a dot of colour and a word. */
export function Chip(props: {
  readonly tone?: Tone
  readonly title?: string | undefined
  /** A dot before the text. */
  readonly dot?: boolean
  readonly test?: string
  readonly children: ComponentChildren
}) {
  return (
    <span class={`chip ${props.tone ?? 'plain'}`} title={props.title} data-t={props.test}>
      {props.dot && <i aria-hidden="true" />}
      {props.children}
    </span>
  )
}
