import { Decimal } from '@vectra/schemas'
import type { StoredEvent } from '../src/index.ts'

const NOTHING: StoredEvent = {
  ...{
    ts: 1_765_577_820_123_456,
    seq: 7,
    session_id: '0190b5a0-0000-7000-8000-000000000001',
    game_id: '20251212-6114b2ff44ef4b71',
  },
  ...{
    direction: 'received',
    event_name: 'x',
    tick: null,
    price: null,
    player_id: null,
    username: null,
    action: null,
    amount: null,
  },
  ...{
    qty: null,
    cash: null,
    position_qty: null,
    avg_cost: null,
    pnl: null,
    total_invested: null,
    latency_us: null,
    success: null,
  },
  ...{ issues: null, payload_index: null, raw_json: null },
}

type Money = 'price' | 'amount' | 'qty' | 'cash' | 'position_qty' | 'avg_cost' | 'pnl' | 'total_invested'

/** A stored event; money as decimal text. */
export function storedEvent(
  event: Partial<Omit<StoredEvent, Money>> & Partial<Record<Money, string>> & { payload?: unknown },
): StoredEvent {
  const { payload, ...given } = event
  const columns = Object.entries(given).map(([name, value]) => [
    name,
    /^(price|amount|qty|cash|position_qty|avg_cost|pnl|total_invested)$/.test(name) ? new Decimal(String(value)) : value,
  ])
  return { ...NOTHING, ...(payload === undefined ? {} : { raw_json: JSON.stringify(payload) }), ...Object.fromEntries(columns) }
}
