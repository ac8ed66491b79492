import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { mergeSections, sectionOf } from '../../../scripts/bench/report.mjs'
import { formFaults, workflowFaults } from '../../../scripts/workflows/faults.mjs'

const SHA = '0123456789abcdef0123456789abcdef01234567'
const GOOD = `
on: { push: {} }
permissions: { contents: read }
jobs:
  test:
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@${SHA} # v6.0.3
        with: { persist-credentials: false }
      - uses: ./.github/actions/own
`
const faults = (text: string): string[] => workflowFaults(text, parse)

it('accepts a pinned workflow with least rights', () => {
  expect(faults(GOOD)).toEqual([])
})

it.each([
  ['a tag', GOOD.replace(`${SHA} # v6.0.3`, 'v6'), /not pinned/],
  ['a short hash', GOOD.replace(SHA, SHA.slice(0, 12)), /not pinned/],
  ['no version beside the hash', GOOD.replace(' # v6.0.3', ''), /not pinned/],
  ['no permissions', GOOD.replace('permissions: { contents: read }', ''), /no top-level permissions/],
  ['rights for everybody', GOOD.replace('contents: read', 'contents: write'), /belong to the job/],
  ['a kept token', GOOD.replace('with: { persist-credentials: false }', ''), /keeps the token/],
  ['no time limit', GOOD.replace('timeout-minutes: 5', 'runs-on: x'), /no timeout-minutes/],
  ['foreign code', GOOD.replace('push: {}', 'pull_request_target: {}'), /foreign code/],
])('finds %s', (_what, text, says) => {
  expect(faults(text)).toEqual([expect.stringMatching(says)])
})

it('knows what GitHub wants of a form', () => {
  const part = { type: 'input', id: 'a', attributes: { label: 'A' } }
  const form = { name: 'n', description: 'd', labels: ['bug'], body: [part] }
  const labels = new Set(['bug'])
  expect(formFaults(form, labels)).toEqual([])
  expect(formFaults({ ...form, labels: ['nope'] }, labels)).toEqual(['label nope is not in labels.yml'])
  expect(formFaults({ ...form, body: [part, part] }, labels)).toEqual(['part a needs an id of its own'])
  expect(formFaults({ ...form, body: [{ ...part, type: 'dropdown' }] }, labels)).toEqual(['part a has no options'])
  expect(formFaults({ ...form, description: '' }, labels)).toEqual(['no description'])
})

it('replaces the section of a benchmark that ran and keeps the others', () => {
  const run = { machine: 'a CPU', date: '2026-01-02' }
  const source = '/**\n * Decode against parse.\n *\n * More.\n */\n'
  const one = mergeSections(
    '',
    new Map([['packages/a/bench/x.bench.ts', sectionOf('packages/a/bench/x.bench.ts', source, 'ratio 0.5\n')]]),
    run,
  )
  expect(one).toContain('## a: x\n\n*2026-01-02, a CPU*\n\nDecode against parse.\n\n`pnpm bench x`\n\n```\nratio 0.5\n```')
  expect(sectionOf('packages/a/bench/x.bench.ts', source, '{"ratio":0.5,"n":[1]}')).toContain('```\nratio  0.5\nn      [1]\n```')
  expect(sectionOf('packages/a/bench/x.bench.ts', source, '## Table\n\n| a |\n')).toContain(
    '`pnpm bench x`\n\n### Table\n\n| a |\n',
  )
  const two = mergeSections(one, new Map([['packages/b/bench/y.bench.ts', sectionOf('packages/b/bench/y.bench.ts', '', 'z')]]), {
    ...run,
    date: '2026-02-03',
  })
  expect(two).toContain('ratio 0.5')
  expect(two).toContain('*2026-02-03, a CPU*')
  const three = mergeSections(
    two,
    new Map([['packages/a/bench/x.bench.ts', sectionOf('packages/a/bench/x.bench.ts', source, 'ratio 0.6')]]),
    run,
  )
  expect(three).not.toContain('ratio 0.5')
  expect(three.match(/^## /gm)).toHaveLength(2)
})
