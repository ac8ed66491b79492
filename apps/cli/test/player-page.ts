import { io, type Socket } from 'socket.io-client'

/** The printed address, split. */
export const ADDRESS = /(http:\/\/127\.0\.0\.1:(\d+))\/#token=([\w-]+)/

/** A page as the gateway sees one. */
export function pageAt(origin: string, token: string): Socket {
  return io(origin, { auth: { token }, transports: ['websocket'], reconnection: false })
}

/** Buys at the first state of the game in which the server says yes, and waits until the account has it. */
export async function buy(page: Socket, connection: string, amount: string): Promise<void> {
  const reflected = new Promise<void>((resolve) =>
    page.on('vectra:order', ({ phase }: { phase: string }) => phase === 'reflected' && resolve()),
  )
  for (let attempt = 0; ; attempt += 1) {
    const state = await new Promise<{ gameId: string; tickCount?: number }>((resolve) => page.once('gameStateUpdate', resolve))
    const id = `01900000-0000-7000-8000-${String(attempt).padStart(12, '0')}`
    const shown = { gameId: state.gameId, tick: state.tickCount ?? 0, price: '1' }
    const mark = { id, connection, shown, clickedAt: Date.now(), control: 'key-b' }
    const answer = await page.timeout(10_000).emitWithAck('buyOrder', mark, { amount })
    if (answer.success === true) return reflected
  }
}
