import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A titled region of a screen. */
export function Panel(props: {
  readonly title: string
  readonly class?: string
  /** Beside the title: counts, filters. */
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}) {
  const title = useId()
  return (
    <section class={`panel ${props.class ?? ''}`} aria-labelledby={title}>
      <header class="panel-head">
        <h2 id={title}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  )
}
