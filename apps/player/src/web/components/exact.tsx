import { plain, rounded, signed } from '../exact/text.ts'

/**
 * A number as text. The text shown may be short; hover and screen readers have all digits, and copying gives them.
 *
 * `form`: `exact` every digit; `sol` cut down to `places`, never more than owned; `signed` with sign, half-even.
 */
export function Exact(props: {
  /** The literal as received; null shows an em dash. */
  readonly value: string | null | undefined
  readonly form?: 'exact' | 'sol' | 'signed'
  readonly places?: number
  readonly unit?: string
  readonly test?: string
}) {
  const { value, form = 'exact', places = 4, unit } = props
  if (value === null || value === undefined)
    return (
      <span class="number none" data-t={props.test}>
        —
      </span>
    )
  const all = plain(value)
  const text = form === 'exact' ? all : form === 'sol' ? rounded(value, places, 'down') : signed(value, places)
  const direction = form === 'signed' ? (/^[+]/.test(text) ? ' up' : /^\u2212/.test(text) ? ' down' : '') : ''
  return (
    <span
      class={`number${direction}`}
      title={text === all ? undefined : `${all}${unit === undefined ? '' : ` ${unit}`}`}
      data-t={props.test}
    >
      {text}
      {unit !== undefined && <small> {unit}</small>}
    </span>
  )
}
