import { multiply, plain, rounded, signed } from '../exact/text.ts'
import { account, settledBet as lastBet, round, game as runningGame } from '../feed/feed.ts'
import { whole } from '../feed/wire.ts'
import { sidebet, whyNoStake } from './actions.ts'
import { amount } from './amount.ts'

const WINDOW = 40

/** Bets that the round rugs within 40 ticks; while one runs, how many ticks are left. */
export function SidebetRow() {
  const settledBet = lastBet.value
  const bet = account.value?.sideBet ?? null
  const game = bet === null ? null : runningGame.value
  if (bet !== null && game !== null && (game.phase === 'active' || game.phase === 'presale')) {
    const end = whole(bet.end ?? bet.endTick) ?? 0
    const left = Math.max(0, end - (game.tick ?? 0))
    const pays = multiply(bet.betAmount ?? '0', bet.xPayout ?? '5')
    return (
      <div class="sidebet running" data-t="sidebet">
        <p>
          <b>Sidebet {plain(bet.betAmount ?? '0')} SOL</b>
          <br />
          pays {pays} SOL if it rugs by tick {end}
        </p>
        <p class="left number" data-t="sidebet-left">
          {left} ticks left
        </p>
        <progress max={WINDOW} value={Math.min(WINDOW, left)} aria-label="Ticks left of the sidebet" />
      </div>
    )
  }
  const why = whyNoStake()
  return (
    <div class="sidebet">
      <button
        type="button"
        class="order bet"
        data-t="sidebet-button"
        aria-disabled={why !== null}
        aria-keyshortcuts="d"
        onClick={() => sidebet('sidebet-button')}
      >
        <b>Sidebet {amount.value === null ? '' : `${amount.value} SOL`}</b>
        <small>{why ?? `wins ${multiply(amount.value ?? '0', '5')} SOL if it rugs within ${WINDOW} ticks`}</small>
      </button>
      {settledBet !== null && settledBet.gameId === round.value?.gameId && (
        <p
          class={`settled ${settledBet.won ? 'up' : 'down'}`}
          data-t="sidebet-result"
          title={settledBet.profit === null ? undefined : plain(settledBet.profit)}
        >
          {settledBet.won ? 'Sidebet won' : 'Sidebet lost'}{' '}
          {settledBet.profit === null ? '' : `${trimmed(settledBet.profit)} SOL`}
        </p>
      )}
    </div>
  )
}

function trimmed(profit: string): string {
  return rounded(profit, 9, 'even') === '0.000000000' ? '0' : signed(profit, 9).replace(/0+$/, '').replace(/\.$/, '')
}
