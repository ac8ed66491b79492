import { useRef } from 'preact/hooks'
import { floorTo, multiply, plain, rounded } from '../exact/text.ts'
import { hello, game as runningGame, account as shownAccount } from '../feed/feed.ts'
import { useShortcuts } from '../shell/shortcuts.ts'
import { buy, sell, sidebet, whyNoStake, whyNotSell } from './actions.ts'
import { amount, amountProblem, amountText, change, isTypable, most, percentage } from './amount.ts'
import { ArmSwitch } from './arm-switch.tsx'
import { OrderLog } from './order-log.tsx'
import type { Percentage } from './orders.ts'
import { SidebetRow } from './sidebet-row.tsx'

const STEPS = ['0.001', '0.01', '0.1', '1'] as const
const PERCENTAGES = [10, 25, 50, 100] as const satisfies readonly Percentage[]

/** Where orders are made. Each button says what it will do. */
export function Ticket() {
  const field = useRef<HTMLInputElement>(null)
  useShortcuts([
    { key: 'b', label: 'Buy', group: 'Play', run: () => buy('key-b') },
    { key: 's', label: 'Sell', group: 'Play', run: () => sell('key-s') },
    { key: 'd', label: 'Sidebet', group: 'Play', run: () => sidebet('key-d') },
    ...PERCENTAGES.map((value, index) => ({
      key: String(index + 1),
      label: `Sell ${value} %: choose`,
      group: 'Play',
      run: () => {
        percentage.value = value
      },
    })),
    {
      key: 'a',
      label: 'Type an amount (Enter or Esc leaves the field)',
      group: 'Amount',
      run: () => {
        field.current?.focus()
        field.current?.select()
      },
    },
    { key: '[', label: 'Half the amount', group: 'Amount', run: change.half },
    { key: ']', label: 'Double the amount', group: 'Amount', run: change.double },
  ])
  if (hello.value !== null && !hello.value.orders)
    return (
      <section class="panel ticket" aria-label="Orders">
        <p class="empty">
          This feed is to watch. <code>vectra demo</code> starts a game to play.
        </p>
      </section>
    )
  return (
    <section class="panel ticket" aria-label="Orders">
      <ArmSwitch />
      <div class="amount">
        <label for="amount">Amount, SOL</label>
        <div class="amount-field">
          <input
            id="amount"
            ref={field}
            data-t="amount"
            type="text"
            inputMode="decimal"
            autocomplete="off"
            spellcheck={false}
            aria-keyshortcuts="a"
            aria-invalid={amountProblem.value !== null}
            aria-describedby="amount-problem"
            value={amountText.value}
            onInput={(event) => {
              const text = event.currentTarget.value.replace(',', '.')
              if (isTypable(text)) amountText.value = text
              else event.currentTarget.value = amountText.value
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' || event.key === 'Escape') {
                event.preventDefault()
                event.currentTarget.blur()
              }
            }}
          />
          <button type="button" class="quiet" aria-label="Clear the amount" onClick={change.clear}>
            ✕
          </button>
        </div>
        <div class="steps">
          {STEPS.map((step) => (
            <button key={step} type="button" data-t={`plus-${step}`} onClick={() => change.plus(step)}>
              +{step}
            </button>
          ))}
          <button type="button" aria-label="½: half the amount" aria-keyshortcuts="[" onClick={change.half}>
            ½
          </button>
          <button type="button" aria-label="×2: double the amount" aria-keyshortcuts="]" onClick={change.double}>
            ×2
          </button>
          <button
            type="button"
            data-t="max"
            title={most.value === null ? undefined : `${plain(most.value)} SOL`}
            onClick={change.max}
          >
            max
          </button>
        </div>
        <p id="amount-problem" class="problem" role="status">
          {amountProblem.value ?? ''}
        </p>
      </div>
      <BuyButton />
      <SellRow />
      <SidebetRow />
      <OrderLog />
    </section>
  )
}

/** Stays focusable while it cannot be used: a screen reader then hears why, and focus is not lost in the middle of play. */
function BuyButton() {
  const why = whyNoStake()
  const game = runningGame.value
  const at = game?.phase === 'presale' ? 'at exactly 1×' : game?.price == null ? '' : `near ${rounded(game.price, 4, 'even')}×`
  return (
    <button
      type="button"
      class="order buy"
      data-t="buy"
      aria-disabled={why !== null}
      aria-keyshortcuts="b"
      onClick={() => buy('buy-button')}
    >
      <b>Buy {amount.value === null ? '' : `${amount.value} SOL`}</b>
      <small>{why ?? at}</small>
    </button>
  )
}

function SellRow() {
  const why = whyNotSell()
  const account = shownAccount.value
  const game = runningGame.value
  const about =
    account?.positionQty === undefined || game?.price == null
      ? null
      : floorTo(multiply(multiply(account.positionQty, game.price), String(percentage.value / 100)), 9)
  return (
    <div class="sell-row">
      <fieldset class="segmented wide">
        <legend class="hidden">Part of the position to sell</legend>
        {PERCENTAGES.map((value, index) => (
          <button
            key={value}
            type="button"
            data-t={`percent-${value}`}
            aria-pressed={value === percentage.value}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => (percentage.value = value)}
          >
            {value} %
          </button>
        ))}
      </fieldset>
      <button
        type="button"
        class="order sell"
        data-t="sell"
        aria-disabled={why !== null}
        aria-keyshortcuts="s"
        onClick={() => sell('sell-button')}
      >
        <b>Sell {percentage.value} %</b>
        <small title="Position × price now; the server decides">
          {why ?? (about === null ? '' : `about ${rounded(about, 6, 'down')} SOL`)}
        </small>
      </button>
    </div>
  )
}
