import { openTable, type Table } from '@vectra/game'
import type { PaperAction, PaperState } from '../../protocol/recorded.ts'

const PLAYER = 'paper'

/** SOL that a paper game begins with. */
export const PAPER_CASH = '10'

/**
 * Plays acts against a recorded game's prices by the rules of the game: nothing is sent, nothing is recorded.
 *
 * Pure: the same acts up to the same tick give the same account. A tick that was not recorded keeps the price before it.
 *
 * @param rugTick the tick whose price ended the game; null when that is not known
 */
export function playOnPaper(
  gameId: string,
  path: readonly (string | null)[],
  rugTick: number | null,
  actions: readonly PaperAction[],
  upTo: number,
): PaperState {
  const table = openTable({ gameId })
  const results: { ok: boolean; text: string }[] = actions.map(() => ({ ok: false, text: 'its tick is not reached' }))
  const act = (when: number | null): void => {
    for (const [index, action] of actions.entries()) if (action.tick === when) results[index] = perform(table, action)
  }
  table.deposit(PLAYER, { solana: PAPER_CASH })
  table.openPresale()
  act(null)
  table.start()
  let assumed = 0
  let price = '1'
  for (let tick = 0; tick <= upTo; tick++) {
    const recorded = path[tick] ?? null
    if (recorded === null) assumed++
    price = recorded ?? price
    if (tick > 0 && tick === rugTick) table.rug(tick, price)
    else if (tick > 0) table.step(tick, price)
    act(tick)
    if (table.phase === 'rugged') break
  }
  const view = table.view(PLAYER, price)
  return {
    tick: upTo,
    cash: view?.cash.toFixed() ?? PAPER_CASH,
    positionQty: view?.positionQty.toFixed() ?? '0',
    avgCost: view?.avgCost.toFixed() ?? '0',
    pnl: view?.pnl.toFixed() ?? '0',
    sidebetPnl: view?.sidebetPnl.toFixed() ?? '0',
    results,
    assumed,
  }
}

function perform(table: Table, action: PaperAction): { ok: boolean; text: string } {
  if (action.kind === 'sell') {
    const sold = table.sell(PLAYER, { percentage: action.percentage ?? 100 })
    if (!sold.ok) return { ok: false, text: sold.message }
    const { qty, price, amount } = sold.trade
    return { ok: true, text: `sold ${qty.toFixed()} at ${price.toFixed()} for ${amount.toFixed()} SOL` }
  }
  const order = { amount: action.amount ?? '0' }
  if (action.kind === 'buy') {
    const bought = table.buy(PLAYER, order)
    if (!bought.ok) return { ok: false, text: bought.message }
    return { ok: true, text: `bought ${bought.trade.qty.toFixed()} at ${bought.trade.price.toFixed()}` }
  }
  const placed = table.sidebet(PLAYER, order)
  if (!placed.ok) return { ok: false, text: placed.message }
  return { ok: true, text: `sidebet from tick ${placed.bet.startTick} to ${placed.bet.endTick}` }
}
