import { Panel } from '../components/panel.tsx'

/** What is recorded, and questions about it. */
export function DataScreen() {
  return (
    <div class="screen">
      <h1 class="hidden">Data</h1>
      <Panel title="Data">
        <p class="empty">Health, coverage and queries will be shown here.</p>
      </Panel>
    </div>
  )
}
