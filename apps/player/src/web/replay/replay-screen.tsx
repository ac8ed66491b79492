import { Panel } from '../components/panel.tsx'

/** Recorded games, played again. */
export function ReplayScreen() {
  return (
    <div class="screen">
      <h1 class="hidden">Replay</h1>
      <Panel title="Replay">
        <p class="empty">Recorded games will be listed here.</p>
      </Panel>
    </div>
  )
}
