import { orderLines, wordsOf } from './orders.ts'

const SHOWN = 6
const MARKS = { sending: '…', pending: '…', accepted: '✓', reflected: '✓', rejected: '✕', refused: '✕', unknown: '?' } as const

/** The last orders and what became of them. What is not known is said to be unknown. */
export function OrderLog() {
  const lines = orderLines.value.slice(0, SHOWN)
  return (
    <ol class="orders" aria-label="Your orders, newest first">
      {lines.map((line) => (
        <li
          key={line.id}
          class={line.phase}
          data-t="order"
          data-id={line.id}
          data-phase={line.phase}
          data-click-ms={line.clickMs ?? undefined}
        >
          <span class="mark" aria-hidden="true">
            {MARKS[line.phase]}
          </span>
          <b>{line.label}</b> <span>{wordsOf(line)}</span>
        </li>
      ))}
      {lines.length === 0 && <li class="soft">Your orders appear here, with what became of them.</li>}
    </ol>
  )
}
