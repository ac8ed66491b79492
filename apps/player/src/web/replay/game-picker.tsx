import { computed, signal } from '@preact/signals'
import type { GameLine } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { Scroll } from '../components/scroll.tsx'
import { Segmented } from '../components/segmented.tsx'
import { rounded } from '../exact/text.ts'
import { useResource } from '../shell/resource.ts'
import { navigate, routeHash } from '../shell/router.ts'

type Show = 'all' | 'complete' | 'holes'
type Order = 'newest' | 'peak' | 'longest'

const search = signal('')
const show = signal<Show>('all')
const order = signal<Order>('newest')
const games = signal<readonly GameLine[]>([])

const shown = computed(() => {
  const words = search.value.trim().toLowerCase()
  const found = games.value.filter(
    (game) =>
      (show.value === 'all' || (show.value === 'complete') === game.complete) &&
      (words === '' || game.gameId.includes(words) || game.firstTs.replace('T', ' ').includes(words)),
  )
  if (order.value === 'peak') return found.toSorted((a, b) => Number(b.peak ?? 0) - Number(a.peak ?? 0))
  if (order.value === 'longest') return found.toSorted((a, b) => b.ticks - a.ticks)
  return found
})

/** Recorded games to choose from. */
export function GamePicker() {
  const answer = useResource<{ games: readonly GameLine[]; more: boolean }>('/replay/games?limit=500')
  if (answer.value !== null && answer.value.games !== games.peek()) games.value = answer.value.games
  return (
    <Panel
      title="Recorded games"
      class="picker"
      aside={<span class="fine">{answer.value === null ? '' : `${shown.value.length} of ${games.value.length}`}</span>}
    >
      <div class="filters">
        <label class="grow">
          <span class="hidden">Find by id or date</span>
          <input
            type="search"
            placeholder="id, or 2025-12-12"
            value={search.value}
            onInput={(event) => (search.value = event.currentTarget.value)}
            data-t="game-search"
          />
        </label>
        <Segmented<Show>
          label="Which games"
          options={[
            { value: 'all', label: 'all' },
            { value: 'complete', label: 'complete' },
            { value: 'holes', label: 'with holes' },
          ]}
          value={show.value}
          onChange={(value) => (show.value = value)}
        />
        <Segmented<Order>
          label="Order"
          options={[
            { value: 'newest', label: 'newest' },
            { value: 'peak', label: 'highest' },
            { value: 'longest', label: 'longest' },
          ]}
          value={order.value}
          onChange={(value) => (order.value = value)}
        />
      </div>
      <ProblemNote problem={answer.problem} retry={answer.reload} />
      {answer.loading && games.value.length === 0 && <p class="empty">Reading the games …</p>}
      {shown.value.length > 0 && <GameTable games={shown.value} />}
      {!answer.loading && answer.problem === null && games.value.length === 0 && (
        <p class="empty">
          No game is recorded yet. <code>vectra record</code> records one, <code>vectra import</code> reads files.
        </p>
      )}
      {games.value.length > 0 && shown.value.length === 0 && <p class="empty">No game matches.</p>}
      {answer.value?.more && <p class="fine pad">The newest 500 games. Older ones: vectra games.</p>}
    </Panel>
  )
}

function GameTable(props: { readonly games: readonly GameLine[] }) {
  return (
    <Scroll label="Games" class="wide">
      <table data-t="games">
        <thead>
          <tr>
            <th>Game</th>
            <th>Began (UTC)</th>
            <th class="right">Peak</th>
            <th class="right">Ticks</th>
            <th class="right">Rug</th>
            <th class="right">Trades</th>
            <th>Recorded</th>
          </tr>
        </thead>
        <tbody>
          {props.games.map((game) => (
            <tr key={game.gameId}>
              <td>
                <a
                  href={routeHash({ screen: 'replay', path: [game.gameId], query: {} })}
                  onClick={(event) => {
                    event.preventDefault()
                    navigate({ screen: 'replay', path: [game.gameId] })
                  }}
                  data-t="game"
                >
                  {game.gameId}
                </a>
              </td>
              <td class="number">{game.firstTs.slice(0, 19).replace('T', ' ')}</td>
              <td class="right" title={game.peak ?? undefined}>
                {game.peak === null ? '—' : `${rounded(game.peak, 2, 'down')}×`}
              </td>
              <td class="right">{game.ticks}</td>
              <td class="right">{game.rugTick ?? '—'}</td>
              <td class="right" title="broadcast and stored / counted by the server">
                {game.tradesSeen}
                {game.trades === null ? '' : ` / ${game.trades}`}
              </td>
              <td>
                <Chip tone={game.complete ? 'good' : 'warn'} title={game.reasons.join('; ') || undefined}>
                  {game.complete ? 'complete' : (game.reasons[0] ?? 'in part')}
                </Chip>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
