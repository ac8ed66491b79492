import { useEffect } from 'preact/hooks'
import { hello } from '../feed/feed.ts'
import { navigate } from '../shell/router.ts'
import { AccountPanel } from './account-panel.tsx'
import { ChartPanel } from './chart-panel.tsx'
import { HistoryStrip } from './history-strip.tsx'
import { Leaderboard } from './leaderboard.tsx'
import { Ticket } from './ticket.tsx'
import { Trades } from './trades.tsx'

/** Live play: the round, the account, orders, and who else plays. */
export function LiveScreen() {
  useEffect(() => {
    document.title = 'Live · Vectra'
  }, [])
  if (hello.value !== null && hello.value.feed === null)
    return (
      <div class="screen">
        <h1 class="hidden">Live</h1>
        <div class="panel empty stack">
          <p>This is vectra serve: recorded data, no live game.</p>
          <p>
            <button type="button" class="primary" onClick={() => navigate({ screen: 'replay' })}>
              Open a recorded game
            </button>
          </p>
          <p class="fine">
            To play, start <code>vectra demo</code> (a simulated game) or <code>vectra play</code> (a live source).
          </p>
        </div>
      </div>
    )
  return (
    <div class="screen live">
      <h1 class="hidden">Live</h1>
      <HistoryStrip />
      <ChartPanel />
      <AccountPanel />
      <Ticket />
      <div class="side">
        <Leaderboard />
        <Trades />
      </div>
    </div>
  )
}
