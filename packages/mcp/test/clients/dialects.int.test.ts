import { Decimal } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { motherduckClient, openLance } from '../../src/index.ts'
import { fake } from '../fake.ts'

const ask = { maxRows: 10, timeoutMs: 5_000 }

it.each(['1.0', 'pre-1.0', '0.8', '0.2'])('mcp-server-motherduck %s is found by its tools; no digit is lost', async (version) => {
  const client = motherduckClient(fake('motherduck', version))
  const { rows, columns } = await client.query('SELECT 1', ask)
  expect(rows[0]?.slice(0, 1)).toEqual([9007199254740993n])
  expect((rows[0]?.[1] as Decimal).toFixed()).toBe('1.10000000000000000001')
  expect(Decimal.isDecimal(rows[0]?.[1])).toBe(true)
  expect(rows[0]?.slice(2)).toEqual([170141183460469231731687303715884105727n, 0.5, null, 'text', ['9007199254740993']])
  expect(columns[1]).toEqual({ name: 'd', type: 'DECIMAL(38,20)' })
  await client.close()
})

it.each([
  ['hidden', 'MCP_TOOL_FAILED', 'Binder Error: no such column'],
  ['prefixed', 'MCP_TOOL_FAILED', 'Binder Error: no such column'],
  ['timeout', 'MCP_TIMEOUT', /timed out after 3 seconds/],
  ['prose', 'MCP_RESULT', /1\.0 or newer/],
])('a failure %s is an error: %s', async (failure, code, message) => {
  const client = motherduckClient(fake('motherduck', '1.0', failure))
  await expect(client.query('SELECT x', ask)).rejects.toMatchObject({ code })
  await expect(client.query('SELECT x', ask)).rejects.toThrow(message)
  await client.close()
})

it('a cut-off answer says so', async () => {
  const client = motherduckClient(fake('motherduck', '1.0', 'truncated'))
  expect(await client.query('SELECT 1', ask)).toMatchObject({ truncated: true, truncatedBy: 'chars' })
  await client.close()
})

it('probe tells another kind of server apart, and never throws', async () => {
  expect(await motherduckClient(fake('lance')).probe()).toMatchObject({ ok: false, reason: /no mcp-server-motherduck/ })
  expect(await motherduckClient({ command: '/nowhere' }).probe()).toMatchObject({ ok: false, reason: /cannot start/ })
})

it.each(['mcp-lance-db', 'lancedb-mcp-server', 'lance-mcp', 'lancedb-mcp'])('the %s dialect of LanceDB', async (dialect) => {
  await using client = await openLance(fake('lance', dialect))
  expect(client.dialect).toBe(dialect)
  expect((await client.search('x', { k: 5 })).map((hit) => hit.text)).toEqual(
    dialect === 'mcp-lance-db' ? ['first memory', 'second memory'] : ['first', 'second'],
  )
  await using empty = await openLance(fake('lance', dialect, 'nothing'))
  expect(await empty.search('x')).toEqual([])
})
