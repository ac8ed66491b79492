import { expect, test } from 'vitest'
import { checkContexts } from '../../src/check/check.ts'
import { parseConfig } from '../../src/config.ts'
import { EvidenceGraph } from '../../src/graph/graph.ts'
import { printGitHub } from '../../src/output/github.ts'
import { printJson } from '../../src/output/json.ts'
import { printSarif } from '../../src/output/sarif.ts'
import { printText } from '../../src/output/text.ts'
import { contextText } from '../git-repository.ts'
import { memoryView } from '../memory-view.ts'

const FILES = {
  'lib/bus.ts': 'export class Bus {}\n',
  'lib/CONTEXT.md': contextText(['./gone.ts', 'Imports A, 100% from']),
  'a b/x,y.ts': "import { Bus } from '../lib/bus.ts'\n",
  'a b/CONTEXT.md': contextText(['../lib/bus.ts', 'Inherits from']),
}
const CONFIG = parseConfig(
  '{ "waivers": [{ "rule": "contradicted", "path": "/a b/CONTEXT.md", "reason": "known", "expires": "2027-01-01" }] }',
)
const report = () => checkContexts(new EvidenceGraph(memoryView(FILES), CONFIG), { today: '2026-01-01' })

test('text: place, rule and hint on one line, then the sum', async () => {
  const text = printText(await report())
  expect(text).toMatch(/^error {2}lib\/CONTEXT\.md:9:4 {2}`\.\/gone\.ts` does not exist .*\[dead-path\]$/m)
  expect(text).toMatch(/FAILED: 2 CONTEXT\.md, 2 rows: 0 verified, 2 contradicted, 0 unverifiable.*1 waived/)
})

test('text: what stands in a file never steers the terminal', async () => {
  const files = { 'lib/bus.ts': '', 'lib/CONTEXT.md': contextText(['./\u001b[31mgone\u202e.ts', 'Imports A from']) }
  const text = printText(await checkContexts(new EvidenceGraph(memoryView(files), CONFIG), { today: '2026-01-01' }))
  expect(text).toContain('gone')
  expect(text).not.toMatch(/[\u001b\u202e]/)
})

test('JSON: stable keys, evidence with lines', async () => {
  const json = JSON.parse(printJson(await report())) as Record<string, unknown>
  expect(Object.keys(json)).toEqual(['version', 'ok', 'totals', 'findings', 'waived', 'baselined', 'contexts', 'skipped'])
  expect(json['contexts']).toMatchObject([
    { path: 'a b/CONTEXT.md', rows: [{ target: '../lib/bus.ts', verdict: 'CONTRADICTED', line: 9 }] },
    {},
  ])
})

test('SARIF 2.1.0: rules, escaped paths, fingerprints, suppressions', async () => {
  const log = JSON.parse(printSarif(await report(), '1.2.3')) as {
    version: string
    runs: { tool: { driver: { rules: { id: string }[] } }; results: Record<string, unknown>[] }[]
  }
  expect(log.version).toBe('2.1.0')
  const [run] = log.runs
  for (const result of run!.results) {
    expect(run!.tool.driver.rules[result['ruleIndex'] as number]?.id).toBe(result['ruleId'])
    expect(result['partialFingerprints']).toMatchObject({ 'vectraContext/v1': expect.stringContaining('|') as unknown })
  }
  expect(run!.results.find((one) => one['suppressions'] !== undefined)).toMatchObject({
    ruleId: 'contradicted',
    locations: [{ physicalLocation: { artifactLocation: { uri: 'a%20b/CONTEXT.md' } } }],
    suppressions: [{ justification: 'known' }],
  })
})

test('GitHub annotations: percent, comma and colon are escaped where the format needs it', async () => {
  const lines = printGitHub(await report())
  expect(lines).toContain('::error file=lib/CONTEXT.md,line=9,col=4,title=CONTEXT.md dead-path::')
  const odd = await checkContexts(new EvidenceGraph(memoryView({ 'a,b:c/x.ts': '' }), CONFIG), { today: '2026-01-01' })
  expect(printGitHub(odd)).toContain('file=a%2Cb%3Ac/CONTEXT.md')
})
