import type { FinishedSummary } from '../../protocol/messages.ts'
import { compare, rounded } from '../exact/text.ts'
import { finishedGames, surroundings } from '../feed/feed.ts'
import { navigate } from '../shell/router.ts'

const SHOWN = 12

/** The last rounds: a small picture, the peak, and whether the revealed seed proves it. */
export function HistoryStrip() {
  const games = finishedGames.value.slice(0, SHOWN)
  const { counts } = surroundings.value
  return (
    <section class="strip" aria-label="Last rounds">
      {counts.length > 0 && (
        <p class="counts" title="Of the last 100 rounds">
          {counts.map(([label, count]) => (
            <span key={label}>
              <b class="number">{count}</b> {label}
            </span>
          ))}
        </p>
      )}
      <ol aria-label="Finished rounds, newest first">
        {games.map((game) => (
          <li key={game.gameId}>
            <Tile game={game} />
          </li>
        ))}
        {games.length === 0 && <li class="soft">Finished rounds appear here.</li>}
      </ol>
    </section>
  )
}

function Tile({ game }: { readonly game: FinishedSummary }) {
  const proof = game.proof === 'fair' ? 'fair' : game.proof === 'mismatch' ? 'does not verify' : 'not proved yet'
  const ticks = game.rugTick === null ? '' : `, rugged at tick ${game.rugTick}`
  return (
    <button
      type="button"
      class={`tile ${compare(game.peak, '2') >= 0 ? 'high' : ''}`}
      title={`${game.gameId}${ticks}; seed: ${proof}`}
      aria-label={`Round ${game.gameId}: peak ${rounded(game.peak, 2, 'down')} times${ticks}, seed ${proof}. Open in Replay.`}
      onClick={() => navigate({ screen: 'replay', path: [game.gameId] })}
    >
      <Shape points={game.shape} />
      <span class="number">{rounded(game.peak, 2, 'down')}×</span>
      {game.proof === 'fair' && (
        <i class="fair" aria-hidden="true">
          ✓
        </i>
      )}
      {game.proof === 'mismatch' && (
        <i class="down" aria-hidden="true">
          ✗
        </i>
      )}
    </button>
  )
}

function Shape({ points }: { readonly points: readonly number[] }) {
  if (points.length < 2) return <svg viewBox="0 0 48 18" width="48" height="18" aria-hidden="true" />
  const [high, low] = [Math.max(...points), Math.min(...points)]
  const span = high - low || 1
  const line = points
    .map(
      (price, index) => `${((index * 46) / (points.length - 1) + 1).toFixed(1)},${(17 - ((price - low) * 16) / span).toFixed(1)}`,
    )
    .join(' ')
  return (
    <svg viewBox="0 0 48 18" width="48" height="18" aria-hidden="true">
      <polyline points={line} />
    </svg>
  )
}
