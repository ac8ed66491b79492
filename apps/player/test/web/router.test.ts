import { expect, it } from 'vitest'
import { parseRoute, routeHash } from '../../src/web/shell/router.ts'

it.each([
  ['', { screen: 'live', path: [], query: {} }],
  ['#/replay/20251212-ab?tick=12&speed=2', { screen: 'replay', path: ['20251212-ab'], query: { tick: '12', speed: '2' } }],
  ['#/data?sql=SELECT%201', { screen: 'data', path: [], query: { sql: 'SELECT 1' } }],
  ['#/nonsense/x', { screen: 'live', path: [], query: {} }],
  ['#/replay/%E0%A4%A', { screen: 'replay', path: ['%E0%A4%A'], query: {} }],
])('%s', (hash, route) => expect(parseRoute(hash)).toEqual(route))

it('an address made of a route leads back to it', () => {
  const route = { screen: 'data', path: ['a/b', 'ü'], query: { sql: "SELECT '#?&' FROM x" } } as const
  expect(parseRoute(routeHash(route))).toEqual(route)
})
