import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkContexts } from '../src/check/check.ts'
import { openRepository } from '../src/repository.ts'

test('the project lives by it: every module folder of this repository has a CONTEXT.md, and none is contradicted', async () => {
  await using repository = await openRepository({ dir: fileURLToPath(new URL('../../..', import.meta.url)), cache: false })
  const report = await checkContexts(repository.graph, {
    today: new Date().toISOString().slice(0, 10),
    baseline: repository.baseline,
  })
  expect(
    report.findings.filter((one) => one.level === 'error').map((one) => `${one.path}:${one.span?.line ?? 0} ${one.message}`),
  ).toEqual([])
  expect(report.totals.verified).toBeGreaterThan(300)
}, 120_000)
