import { expect, it } from 'vitest'
import { planInstall } from '../../src/index.ts'

const VECTRA = { type: 'stdio', command: 'vectra', args: ['mcp', 'serve'] } as const

it('adds, does nothing the second time, replaces, removes: everything else stays byte for byte', () => {
  const before = '{\n  // mine\n  "mcpServers": {\n    "other": { "command": "x" }\n  },\n  "projects": {"/a": {"x": 1.10}}\n}\n'
  const added = planInstall(before, 'vectra', VECTRA)
  expect(added.action).toBe('add')
  expect(added.text).toContain('// mine')
  expect(added.text).toContain('"projects": {"/a": {"x": 1.10}}')
  expect(planInstall(added.text, 'vectra', VECTRA)).toEqual({ action: 'none', text: undefined })
  expect(planInstall(added.text, 'vectra', { ...VECTRA, args: ['mcp', 'serve', '--allow-sql'] }).action).toBe('replace')
  expect(planInstall(added.text, 'vectra', undefined)).toEqual({ action: 'remove', text: before })
  expect(planInstall(before, 'vectra', undefined).action).toBe('none')
})

it.each([
  ['{"mcpServers":{"a":{"command":"x"}},"z":1}'],
  ['{\n\t"mcpServers": {\n\t\t"a": {\n\t\t\t"command": "x"\n\t\t}\n\t},\n\t"z": 1.0\n}\n'],
  ['{\n  "z": {"keep": 1.10} // why\n}\n'],
  ['{ "mcpServers": {}, "z": 1 }'],
])('%j: what was there stays, and the result is JSON again', (before) => {
  const { text = '' } = planInstall(before, 'vectra', VECTRA)
  const rest = JSON.parse(text.replace(/ \/\/.*/, '')) as { mcpServers: Record<string, unknown>; z: unknown }
  expect(rest.mcpServers['vectra']).toEqual(VECTRA)
  expect(rest.z).toBeDefined()
  const removed = planInstall(text, 'vectra', undefined).text ?? ''
  expect(JSON.parse(removed.replace(/ \/\/.*/, ''))).not.toHaveProperty('mcpServers.vectra')
  if (before.includes('"a"')) expect(removed).toBe(before)
})

it('makes a file that is not there, or empty', () => {
  for (const text of [undefined, '', ' \n'])
    expect(JSON.parse(planInstall(text, 'vectra', VECTRA).text ?? '')).toEqual({ mcpServers: { vectra: VECTRA } })
})

it.each([
  ['somebody else’s server', '{"mcpServers":{"vectra":{"command":"other"}}}', /another server "vectra"/],
  ['a broken file', '{"mcpServers":', /no JSON object/],
  ['a list', '[]', /no JSON object/],
  ['servers that are none', '{"mcpServers":[]}', /no object/],
])('refuses %s', (_name, text, message) => {
  expect(() => planInstall(text, 'vectra', VECTRA)).toThrow(message)
  expect(() => planInstall(text, 'vectra', undefined)).toThrow(message)
})
