import type { ComponentChildren } from 'preact'

/** A part that scrolls by itself, also by keyboard. */
export function Scroll(props: { readonly label: string; readonly class?: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable)
    <section class={`scroll ${props.class ?? ''}`} tabIndex={0} aria-label={props.label}>
      {props.children}
    </section>
  )
}
