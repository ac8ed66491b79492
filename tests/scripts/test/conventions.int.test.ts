import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const exitOf = (script: string, argument: string): number | null =>
  spawnSync('sh', [fileURLToPath(new URL(`../../../scripts/${script}`, import.meta.url)), argument]).status

describe('branch names', () => {
  it.each(['main', '', 'changeset-release/main', 'feat/issue-9-parquet-writer', 'fix/issue-12-x', 'docs/issue-1-a-b-c'])(
    '"%s" is fine',
    (name) => {
      expect(exitOf('check-branch.sh', name)).toBe(0)
    },
  )
  it.each([
    'parquet',
    'feat/parquet-writer',
    'feat/issue-0-x',
    'feat/issue-9',
    'feat/issue-9-',
    'chore/issue-9-x',
    'feat/issue-9-Big',
    'x/feat/issue-9-x',
  ])('"%s" is not', (name) => {
    expect(exitOf('check-branch.sh', name)).toBe(1)
  })
})

describe('commit subjects', () => {
  it.each(['feat(event-store): append resolves once journaled', 'fix!: drop v1', 'Merge branch x', 'Revert "feat: x"'])(
    '"%s" is fine',
    (subject) => {
      expect(exitOf('check-subject.sh', subject)).toBe(0)
    },
  )
  it.each([
    'append resolves',
    'feat:no space',
    'feat(Store): x y',
    'feat: ends with a stop.',
    'wip: x y',
    `feat: ${'long '.repeat(30)}x`,
    '',
  ])('"%s" is not', (subject) => {
    expect(exitOf('check-subject.sh', subject)).toBe(1)
  })
})
