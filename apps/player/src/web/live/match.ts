import { computed, signal } from '@preact/signals'
import type { TruthField } from '../../protocol/messages.ts'
import { plain } from '../exact/text.ts'
import { account as shownAccount, truth, truthOf } from '../feed/feed.ts'

/** Does the page show what the server said? */
export type Match =
  | { readonly state: 'waiting' }
  | { readonly state: 'same'; readonly seq: number; readonly at: number; readonly source: string }
  | {
      readonly state: 'differs'
      readonly seq: number
      readonly at: number
      readonly source: string
      readonly fields: readonly string[]
    }

const FIELDS: readonly TruthField[] = [
  'cash',
  'positionQty',
  'avgCost',
  'cumulativePnL',
  'pnlPercent',
  'totalInvested',
  'sidebetPnl',
]

/** Texts on screen that say something else than the server, by field; filled by `checkScreen`. */
const onScreen = signal<readonly string[]>([])

/**
 * Two ways lead here from the server's frame: the page's own decoding, and the gateway's reading of the stored text. They have
 * to agree digit for digit, and so does the text in the document.
 */
export const match = computed((): Match => {
  const said = truth.value
  const account = shownAccount.value
  if (said === null || account === null || truthOf.value !== account.number) return { state: 'waiting' }
  const { seq, at, source } = said
  const differing = FIELDS.filter((field) => {
    const [ours, theirs] = [account[field] ?? null, said.fields[field]]
    return (ours === null ? null : plain(ours)) !== (theirs === null ? null : plain(theirs))
  })
  const fields = [...new Set([...differing, ...onScreen.value])]
  return fields.length === 0 ? { state: 'same', seq, at, source } : { state: 'differs', seq, at, source, fields }
})

/** Compares what stands in the document with what the gateway read. Call it after rendering. */
export function checkScreen(root: ParentNode = document): void {
  const said = truth.peek()
  if (said === null || truthOf.peek() !== shownAccount.peek()?.number) return
  const wrong: string[] = []
  for (const element of root.querySelectorAll<HTMLElement>('[data-server]')) {
    const field = element.dataset.server as TruthField
    const value = said.fields[field]
    if (value !== null && element.textContent !== plain(value)) wrong.push(field)
  }
  if (wrong.join() !== onScreen.peek().join()) onScreen.value = wrong
}
