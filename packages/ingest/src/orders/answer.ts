/** What an ack says about an order. */
export type Answer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unclear' }

/**
 * Reads an order's ack. Only an explicit `success` decides: an empty ack is a ping's, never a yes.
 *
 * @see domain/events.md section 5.7: the shape of a refusal was never captured, so every known form is read
 */
export function answerOf(args: readonly unknown[]): Answer {
  const value = args[0]
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'success')) return { kind: 'unclear' }
  const answer = value as Readonly<Record<string, unknown>>
  if (answer['success'] === true) return { kind: 'accepted' }
  if (answer['success'] !== false) return { kind: 'unclear' }
  for (const key of ['error', 'message', 'reason']) {
    const text = Object.hasOwn(answer, key) ? answer[key] : undefined
    if (typeof text === 'string' && text !== '') return { kind: 'refused', reason: text }
  }
  return { kind: 'refused', reason: 'refused without a reason' }
}
