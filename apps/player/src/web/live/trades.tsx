import { computed, signal } from '@preact/signals'
import { Panel } from '../components/panel.tsx'
import { Scroll } from '../components/scroll.tsx'
import { Segmented } from '../components/segmented.tsx'
import { brief, compare, plain, rounded } from '../exact/text.ts'
import { account, identity, own, trades } from '../feed/feed.ts'
import type { WireTrade } from '../feed/wire.ts'

type Filter = 'all' | 'mine' | 'large'
/** From here on a trade counts as large, SOL. */
const LARGE = '1'
const SHOWN = 40

const filter = signal<Filter>('all')

const shown = computed((): readonly WireTrade[] => {
  if (filter.value === 'mine') return own.value.toReversed()
  if (filter.value === 'large') return trades.value.filter(({ amount }) => compare(amount, LARGE) >= 0)
  return trades.value.slice(0, SHOWN)
})

const WORDS: Readonly<Record<string, readonly [word: string, tone: string]>> = {
  buy: ['bought', 'up'],
  sell: ['sold', 'down'],
  short_open: ['opened a short', ''],
  short_close: ['closed a short', ''],
}

/** Trades as the server broadcasts them; it broadcasts a part of them only, and the panel says so. */
export function Trades() {
  const me = identity.value?.id ?? account.value?.id
  return (
    <Panel
      title="Trades"
      class="trades"
      aside={
        <Segmented<Filter>
          label="Which trades"
          options={[
            { value: 'all', label: 'all' },
            { value: 'mine', label: 'mine' },
            { value: 'large', label: `≥ ${LARGE} SOL` },
          ]}
          value={filter.value}
          onChange={(value) => (filter.value = value)}
        />
      }
    >
      <Scroll label="Trades, newest first">
        <ul>
          {shown.value.map((trade) => (
            <Line key={trade.id} trade={trade} own={trade.playerId === me} />
          ))}
        </ul>
        {shown.value.length === 0 && <p class="empty">No trades yet. The server shows only a part of all trades.</p>}
      </Scroll>
    </Panel>
  )
}

function Line({ trade, own }: { readonly trade: WireTrade; readonly own: boolean }) {
  const [word, tone] = WORDS[trade.type] ?? [trade.type, '']
  return (
    <li class={own ? 'own' : ''}>
      <span class="soft tick">{trade.tickIndex ?? ''}</span>
      <span class="who">{own ? 'you' : (trade.username ?? 'no name')}</span>
      <span class={tone}>{word}</span>
      <span class="number amount" title={`${plain(trade.amount)} SOL`}>
        {brief(trade.amount)}
      </span>
      <span class="number soft at">{trade.price === undefined ? '' : `${rounded(trade.price, 2, 'even')}×`}</span>
    </li>
  )
}
