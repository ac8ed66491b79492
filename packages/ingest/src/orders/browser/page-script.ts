import type { OrderKind, OrderRequest } from '../order-gateway.ts'

/** Texts by which the site's controls are known, as sources of case-insensitive regular expressions over a control's whole text. */
export interface PageControls {
  readonly buy: string
  readonly sell: string
  readonly sidebet: string
  /** Accessible name of the amount field, where more than one text field is near. */
  readonly amount: string
}

/**
 * The site's controls, as its screen shows them. Class names change with every build, words do not.
 *
 * @see research/capture-ui-cli.md section 4.1
 */
export const SITE_CONTROLS: PageControls = {
  buy: String.raw`buy(?:\s*\+?\s*[\d.]+(?:\s*sol)?)?`,
  sell: String.raw`sell(?:\s*[\d.]+\s*%)?(?:\s*[+-]?\s*[\d.]+(?:\s*sol)?)?`,
  sidebet: String.raw`(?:place\s+)?side\s?bet(?:\s*[\d.]+(?:\s*sol)?)?|rug in \d+\s*s(?:ec(?:onds)?)?\s*\??(?:\s*win\s*[\d.]+(?:\s*sol)?)?`,
  amount: 'amount|bet size|sol',
}

/** What the page answers: done, or why not. */
export interface PageAnswer {
  readonly problem: string | null
}

/**
 * Runs in the page, in a world of its own: finds controls by text and role, sets the amount, reads it back, clicks.
 *
 * `fill` sets; `click` looks again, reads back, and clicks in the same turn, so that nothing can change in between.
 */
const SCRIPT = String.raw`(async (job) => {
  const text = (e) => (e.innerText || e.value || e.getAttribute('aria-label') || '').replace(/\s+/g, ' ').trim()
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility === 'visible' && !e.closest('[aria-hidden="true"], [inert]')
  const off = (e) => e.disabled === true || e.getAttribute('aria-disabled') === 'true' || getComputedStyle(e).pointerEvents === 'none'
  const isButton = (e) => e.matches('button, [role=button], input[type=button], input[type=submit]')
  const whole = (source) => new RegExp('^(?:' + source + ')$', 'i')
  const find = (source, what) => {
    const fits = [...document.querySelectorAll('body *')].filter((e) => shown(e) && whole(source).test(text(e)))
    let found = fits.filter(isButton)
    if (found.length === 0) found = fits.filter((e) => getComputedStyle(e).cursor === 'pointer')
    found = found.filter((e) => !found.some((other) => other !== e && other.contains(e)))
    if (found.length === 0) throw 'no control on the page says ' + what
    if (found.length > 1) throw found.length + ' controls on the page say ' + what
    if (off(found[0])) throw 'the control that says ' + what + ' is switched off'
    return found[0]
  }
  const canon = (t) => {
    const m = /^\s*(\d*)(?:\.(\d*))?\s*$/.exec(t)
    if (!m || (m[1] === '' && !m[2])) return null
    return (m[1].replace(/^0+/, '') || '0') + '.' + (m[2] || '').replace(/0+$/, '')
  }
  const nameOf = (e) => [e.getAttribute('aria-label'), e.placeholder, e.name, ...[...(e.labels || [])].map(text)].join(' ')
  const amountField = (near) => {
    const fields = (root) => [...root.querySelectorAll('input')].filter((e) => shown(e) && /^(text|number|tel|)$/.test(e.getAttribute('type') || '') && !e.readOnly && !e.disabled)
    for (let root = near.parentElement; root; root = root.parentElement) {
      let found = fields(root)
      if (found.length > 1) found = found.filter((e) => new RegExp(job.controls.amount, 'i').test(nameOf(e)))
      if (found.length === 1) return found[0]
      if (found.length > 1) throw 'several fields could be the amount'
    }
    throw 'no field for the amount'
  }
  const word = job.kind === 'buy' ? 'BUY' : job.kind === 'sell' ? 'SELL' : 'sidebet'
  const percentButton = () => find(job.percentage + '\\s*%', job.percentage + '%')
  const setTo = (e, value) => {
    e.focus()
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(e, value)
    e.dispatchEvent(new InputEvent('input', { bubbles: true, data: value, inputType: 'insertText' }))
    e.dispatchEvent(new Event('change', { bubbles: true }))
  }
  try {
    const button = find(job.controls[job.kind], word)
    if (job.step === 'fill') {
      if (job.kind === 'sell') percentButton().click()
      else setTo(amountField(button), job.amount)
      await new Promise((resolve) => setTimeout(resolve, 30))
      return { problem: null }
    }
    if (job.kind === 'sell') {
      const chosen = percentButton()
      const range = button.parentElement && [...(button.closest('form, section, fieldset') || button.parentElement).querySelectorAll('input[type=range]')].filter(shown)
      const said = /([\d.]+)\s*%/.exec(text(button))
      const marked = ['aria-pressed', 'aria-checked', 'aria-selected'].some((a) => chosen.getAttribute(a) === 'true') || /^(active|checked|on)$/.test(chosen.getAttribute('data-state') || '')
      if (said ? canon(said[1]) !== canon(String(job.percentage)) : !marked && !(range && range.length === 1 && canon(range[0].value) === canon(String(job.percentage))))
        throw 'the page does not show that ' + job.percentage + '% is chosen'
    } else {
      const has = amountField(button).value
      if (canon(has) === null || canon(has) !== canon(job.amount)) throw 'the amount reads back as ' + JSON.stringify(has.slice(0, 40)) + ', not ' + job.amount
      const said = job.kind === 'buy' ? /([\d.]+)/.exec(text(button)) : null
      if (said && canon(said[1]) !== canon(job.amount)) throw 'the button says ' + said[1] + ', not ' + job.amount
    }
    button.click()
    return { problem: null }
  } catch (problem) {
    return { problem: String(problem) }
  }
})`

/** The expression to evaluate for one step of an order. */
export function pageExpression(step: 'fill' | 'click', request: OrderRequest, controls: PageControls): string {
  const { kind, amount, percentage }: { kind: OrderKind; amount?: string; percentage?: number } = request
  return `${SCRIPT}(${JSON.stringify({ step, kind, amount, percentage, controls })})`
}
