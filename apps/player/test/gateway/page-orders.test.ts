import { expect, it } from 'vitest'
import { type OrderMoment, parseOrder } from '../../src/gateway/page-orders.ts'

const NOW = 1_770_000_000_000
const moment: OrderMoment = { connection: 'run-1', now: NOW, game: { gameId: 'g', tick: 50 } }
const mark = {
  id: '01900000-0000-7000-8000-000000000001',
  connection: 'run-1',
  shown: { gameId: 'g', tick: 48, price: '1.5' },
  clickedAt: NOW - 20,
  control: 'buy-button',
}

it('an order becomes a request with exact text', () => {
  expect(parseOrder('buyOrder', [mark, { amount: '0.100000001' }], moment)).toEqual({
    action: {
      control: 'buy-button',
      request: {
        id: mark.id,
        kind: 'buy',
        amount: '0.100000001',
        shown: mark.shown,
        clientTime: (NOW - 20) * 1_000,
      },
    },
  })
})

it.each([
  ['clicked on another connection', { ...mark, connection: 'run-0' }, { amount: '1' }, 'LATE'],
  ['clicked too long ago', { ...mark, clickedAt: NOW - 2_500 }, { amount: '1' }, 'LATE'],
  ['shown an earlier game', { ...mark, shown: { ...mark.shown, gameId: 'f' } }, { amount: '1' }, 'LATE'],
  ['shown a tick long gone', { ...mark, shown: { ...mark.shown, tick: 5 } }, { amount: '1' }, 'LATE'],
  ['a number for an amount', mark, { amount: 0.1 }, 'INVALID'],
  ['nothing', mark, { amount: '0.000' }, 'INVALID'],
  ['ten decimals', mark, { amount: '0.1234567891' }, 'INVALID'],
  ['negative', mark, { amount: '-1' }, 'INVALID'],
  ['no payload', mark, undefined, 'INVALID'],
  ['an id that is none', { ...mark, id: 'x' }, { amount: '1' }, 'INVALID'],
  ['a control that is none', { ...mark, control: '<script>' }, { amount: '1' }, 'INVALID'],
])('P12: %s: nothing is sent', (_name, given, payload, error) => {
  expect(parseOrder('buyOrder', [given, payload], moment)).toEqual({
    refused: { success: false, error, message: expect.any(String) },
  })
})

it.each([10, 25, 50, 100])('sells %i %%', (percentage) => {
  expect(parseOrder('sellOrder', [mark, { percentage }], moment)).toMatchObject({
    action: { request: { kind: 'sell', percentage } },
  })
})

it.each([0, 33, 101, '50', null])('does not sell %s %%', (percentage) => {
  expect(parseOrder('sellOrder', [mark, { percentage }], moment)).toMatchObject({ refused: { error: 'INVALID' } })
})
