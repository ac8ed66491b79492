import { Panel } from '../components/panel.tsx'
import { Scroll } from '../components/scroll.tsx'
import { plain, rounded, signed, signOf } from '../exact/text.ts'
import { account, identity, board as standings } from '../feed/feed.ts'
import type { WireStanding } from '../feed/wire.ts'

/** The round's standings; the own line is marked, practice money is said to be none. */
export function Leaderboard() {
  const me = identity.value?.id ?? account.value?.id
  const entries = standings.value?.entries ?? []
  return (
    <Panel
      title="Leaderboard"
      class="board"
      aside={<span class="fine">{entries.length > 0 ? `top ${entries.length}` : ''}</span>}
    >
      {entries.length === 0 ? (
        <p class="empty">Nobody is in yet.</p>
      ) : (
        <Scroll label="Standings">
          <table>
            <thead>
              <tr>
                <th class="right">#</th>
                <th>Player</th>
                <th class="right">Profit, SOL</th>
                <th class="right">%</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry, index) => (
                <Row key={entry.id} entry={entry} rank={index + 1} own={entry.id === me} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  )
}

function Row({ entry, rank, own }: { readonly entry: WireStanding; readonly rank: number; readonly own: boolean }) {
  const { pnl = '0', pnlPercent } = entry
  const tone = ['down', '', 'up'][signOf(pnl) + 1]
  return (
    <tr class={own ? 'own' : ''} data-t={own ? 'own-standing' : undefined}>
      <td class="right soft">{entry.position ?? rank}</td>
      <td class="name">
        <span>{entry.username ?? 'no name'}</span>
        {own && <em>you</em>}
        {entry.selectedCoin != null && <em title="Plays with practice money">practice</em>}
        {entry.sideBet != null && <em title={`Sidebet of ${plain(entry.sideBet.betAmount ?? '0')} SOL`}>bet</em>}
        {entry.shortPosition != null && <em>short</em>}
      </td>
      <td class={`right number ${tone}`} title={plain(pnl)}>
        {signed(pnl, 4)}
      </td>
      <td class={`right number ${tone}`}>{pnlPercent == null ? '' : rounded(pnlPercent, 1, 'even')}</td>
    </tr>
  )
}
