import { signal } from '@preact/signals'
import { Sheet } from '../components/sheet.tsx'
import { shortcuts, shortcutsOn, switchShortcuts } from './shortcuts.ts'

/** Is the help open? */
export const helpOpen = signal(false)

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
}

function keyLabel(key: string): string {
  return key
    .split('+')
    .map((part) => (part === 'shift' ? 'Shift' : (NAMES[part] ?? part.toUpperCase())))
    .join(' + ')
}

/** All keys that work on this screen, the switch for them, and the licences. */
export function Help() {
  const groups = Map.groupBy(shortcuts.value, ({ group }) => group)
  return (
    <Sheet open={helpOpen.value} onClose={() => (helpOpen.value = false)} title="Keys and help">
      <label class="switch">
        <input type="checkbox" checked={shortcutsOn.value} onChange={(event) => switchShortcuts(event.currentTarget.checked)} />
        <span>Single-key shortcuts (Esc always works)</span>
      </label>
      <div class="keys">
        {[...groups].map(([group, list]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {list.map(({ key, label }) => (
                <div key={key}>
                  <dt>
                    <kbd>{keyLabel(key)}</kbd>
                  </dt>
                  <dd>{label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p class="fine">
        Nothing on this page comes from elsewhere, and nothing leaves this machine but your own orders. Wallet, position and
        profit are the server's own words; the page computes none of them.
      </p>
      <p class="fine">
        Charts: TradingView Lightweight Charts™, © TradingView, Inc.,{' '}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          tradingview.com
        </a>
        , Apache License 2.0. Preact and Signals (MIT), Socket.IO client (MIT).{' '}
        <a href="./licenses.txt" target="_blank" rel="noreferrer">
          All licences
        </a>
      </p>
    </Sheet>
  )
}
