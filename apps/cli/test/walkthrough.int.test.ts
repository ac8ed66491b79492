import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { pageOf } from '../scripts/walkthrough/page.ts'
import { walk } from '../scripts/walkthrough/walk.ts'

it('an agent with only this server answers ten questions, as docs/mcp-walkthrough.md says', { timeout: 400_000 }, async () => {
  const done = await walk()
  expect(done.answers).toHaveLength(10)
  expect(done.answers.filter(({ mcp }) => !mcp.answered).map(({ question }) => question.asked)).toEqual([])
  // Token counts follow the repository; questions, calls and commands do not.
  const masked = (page: string): string => page.replace(/[\d,]+/g, '#').replace(/\| (?:yes|no) \|/g, '| - |')
  expect(masked(readFileSync(new URL('../../../docs/mcp-walkthrough.md', import.meta.url), 'utf8'))).toBe(masked(pageOf(done)))
})
