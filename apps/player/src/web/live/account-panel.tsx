import { useEffect } from 'preact/hooks'
import type { TruthField } from '../../protocol/messages.ts'
import { plain, signed, signOf } from '../exact/text.ts'
import { ago, now } from '../feed/clock.ts'
import { clockOffset, gameId, link, standing as ownStanding, pageLink, account as shownAccount, truth } from '../feed/feed.ts'
import { checkScreen, match } from './match.ts'

/** The account, digit for digit as the server said it, and whether the page still shows just that. */
export function AccountPanel() {
  const account = shownAccount.value
  useEffect(() => checkScreen(), [account, truth.value])
  if (account === null)
    return (
      <section class="panel account" aria-label="Account">
        <p class="empty">Nobody is logged in on this feed: you are watching.</p>
      </section>
    )
  return (
    <section class="panel account" aria-label="Account">
      <dl class="figures">
        <Figure label="Wallet" field="cash" unit="SOL" strong />
        <Figure label="Position" field="positionQty" unit="tokens" strong />
        <Figure label="Profit this round" field="cumulativePnL" unit="SOL" coloured />
        <Figure label="Profit" field="pnlPercent" unit="%" coloured />
        <Figure label="Average cost" field="avgCost" unit="×" />
        <Figure label="Invested" field="totalInvested" unit="SOL" />
        <Figure label="Sidebets" field="sidebetPnl" unit="SOL" coloured />
        <Standing />
      </dl>
      <Match />
    </section>
  )
}

/** Exactly the text of the server's number; the colour is a second telling of its sign. */
function Figure(props: {
  readonly label: string
  readonly field: TruthField
  readonly unit: string
  readonly strong?: boolean
  readonly coloured?: boolean
}) {
  const value = shownAccount.value?.[props.field]
  const tone = props.coloured && value !== undefined ? ['down', '', 'up'][signOf(value) + 1] : ''
  return (
    <div class={props.strong ? 'strong' : ''}>
      <dt>
        {props.label}, <span class="unit">{props.unit}</span>
      </dt>
      <dd>
        {value === undefined ? (
          <span class="none">—</span>
        ) : (
          <span class={`number ${tone}`} data-t={props.field} data-server={props.field}>
            {plain(value)}
          </span>
        )}
      </dd>
    </div>
  )
}

/** The server's running estimate, told after each tick; `playerUpdate` comes only when something changed. */
function Standing() {
  const standing = ownStanding.value
  const entry = standing !== null && standing.gameId === gameId.value ? standing.entry : null
  const value = entry?.pnl
  return (
    <div>
      <dt title="Own line of the leaderboard, told by the server after each tick">
        Profit now{entry?.position == null ? '' : `, rank ${entry.position}`}
      </dt>
      <dd>
        {value === undefined ? (
          <span class="none">—</span>
        ) : (
          <span class={`number ${['down', '', 'up'][signOf(value) + 1]}`} title={plain(value)} data-t="standing-pnl">
            {signed(value, 6)}
          </span>
        )}
      </dd>
    </div>
  )
}

/** What was found last: the word about a new account comes a moment after it, and the line should not blink for that. */
let lastFound: ReturnType<typeof match.peek> = { state: 'waiting' }

function Match() {
  const found = match.value.state === 'waiting' ? lastFound : match.value
  lastFound = found
  if (found.state === 'waiting')
    return (
      <p class="match wait" data-t="match">
        Waiting for the server's word …
      </p>
    )
  const age = ago(found.at, now.value + clockOffset.value)
  const from = `event ${found.seq} of ${found.source}, ${age} old`
  if (pageLink.value !== 'up' || link.value.state !== 'connected')
    return (
      <p class="match wait" data-t="match">
        last known, {age} old; what the server says now is not heard
      </p>
    )
  return found.state === 'same' ? (
    <p class="match good" data-t="match" title="Shown text, page and stored frame agree digit for digit">
      <span aria-hidden="true">✓</span> matches server <span class="soft">· {from}</span>
    </p>
  ) : (
    <p class="match bad" data-t="match" role="alert">
      <span aria-hidden="true">✗</span> differs from the server: {found.fields.join(', ')} <span class="soft">· {from}</span>
    </p>
  )
}
