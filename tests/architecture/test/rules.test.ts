import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { report } from '../src/report.ts'
import { importCycles } from '../src/rules/cycles.ts'
import { envDoor } from '../src/rules/env-door.ts'
import { exactMoney, typeOracle } from '../src/rules/exact-money.ts'
import { fileWrites } from '../src/rules/file-writes.ts'
import { importDirection } from '../src/rules/import-direction.ts'
import { linksAlive } from '../src/rules/links.ts'
import { manifestsPublishable } from '../src/rules/manifests.ts'
import { exportsDocumented, noDefaultExports, plainTypes } from '../src/rules/plain-types.ts'
import { readmesComplete } from '../src/rules/readmes.ts'
import type { Rule } from '../src/workspace.ts'
import { example, manifest, readme } from './bad-example.ts'

/** `[what, path, text, what the report must say; undefined when the example is allowed]` */
type Example = readonly [name: string, path: string, text: string, says: RegExp | undefined]

function holds(rule: Rule, examples: readonly Example[]): void {
  it('finds nothing in the example repository', () => {
    expect(report(rule(example({})))).toEqual([])
  })
  it.each(examples)('%s', (_name, path, text, says) => {
    const found = report(rule(example({ [path]: text })))
    if (says === undefined) expect(found).toEqual([])
    else expect(found).toEqual([expect.stringMatching(says)])
  })
}

describe('import direction', () => {
  holds(importDirection, [
    [
      'sibling',
      'packages/ingest/src/x.ts',
      `import { a } from '@vectra/event-store'`,
      /ingest must not import @vectra\/event-store/,
    ],
    ['sibling, type only', 'packages/ingest/src/x.ts', `import type { A } from '@vectra/event-store'`, /must not import/],
    ['sibling, dynamic', 'packages/ingest/src/x.ts', `const a = await import('@vectra/event-store')`, /must not import/],
    ['sibling, in a type', 'packages/ingest/src/x.ts', `type A = import('@vectra/event-store').A`, /must not import/],
    ['upwards', 'packages/schemas/src/x.ts', `export { run } from '@vectra/recorder'`, /must not import @vectra\/recorder/],
    [
      'relative, out of the package',
      'packages/ingest/src/x.ts',
      `import { a } from '../../event-store/src/index.ts'`,
      /leaves the package/,
    ],
    ['deep', 'apps/recorder/src/x.ts', `import { a } from '@vectra/ingest/src/frame.ts'`, /not an entry of @vectra\/ingest/],
    ['itself by name', 'packages/ingest/src/x.ts', `import { a } from '@vectra/ingest'`, /imports itself/],
    ['app to app', 'apps/recorder/src/x.ts', `import { a } from '@vectra/cli'`, /apps do not import apps/],
    ['a library nobody listed', 'packages/new/package.json', manifest('packages/new'), undefined],
    ['schemas, from a library', 'packages/ingest/src/x.ts', `import { a } from '@vectra/schemas'`, undefined],
    ['two libraries, from an app', 'apps/recorder/src/x.ts', `import '@vectra/ingest'\nimport '@vectra/event-store'`, undefined],
    ['an app, from the command line', 'apps/cli/src/x.ts', `import { a } from '@vectra/recorder'`, undefined],
    ['manifest entry', 'apps/recorder/src/x.ts', `import a from '@vectra/ingest/package.json'`, undefined],
  ])

  it('asks for a decision about an unlisted library that imports', () => {
    const files = {
      'packages/new/package.json': manifest('packages/new'),
      'packages/new/src/index.ts': `import '@vectra/schemas'`,
    }
    expect(report(importDirection(example(files)))).toEqual([expect.stringMatching(/not in the list of libraries/)])
  })
})

describe('import cycles', () => {
  const pair = (back: string): Record<string, string> => ({
    'packages/ingest/src/a.ts': `import { b } from './b.ts'\nexport const a = b`,
    'packages/ingest/src/b.ts': back,
  })
  it('finds a cycle of two', () => {
    expect(report(importCycles(example(pair(`import { a } from './a.ts'\nexport const b = a`))))).toEqual([
      expect.stringMatching(/a\.ts → packages\/ingest\/src\/b\.ts → packages\/ingest\/src\/a\.ts/),
    ])
  })
  it('lets types go round: they are gone at run time', () => {
    expect(importCycles(example(pair(`import type { A } from './a.ts'\nexport type B = A`)))).toEqual([])
  })
})

describe('file-system writes', () => {
  holds(fileWrites, [
    ['named import', 'apps/recorder/src/x.ts', `import { writeFile } from 'node:fs/promises'`, /writeFile changes the disk/],
    ['renamed import', 'apps/recorder/src/x.ts', `import { writeFileSync as put } from 'node:fs'`, /writeFileSync changes/],
    ['namespace', 'apps/recorder/src/x.ts', `import * as fs from 'node:fs'\nfs.mkdirSync('x')`, /x\.ts:2 mkdirSync changes/],
    ['default import', 'apps/recorder/src/x.ts', `import fs from 'node:fs'\nfs.promises.rm('x')`, /x\.ts:2 rm changes/],
    ['promises', 'apps/recorder/src/x.ts', `import { promises } from 'node:fs'\npromises.open('x', 'w')`, /x\.ts:2 open changes/],
    [
      'opened with a computed flag',
      'apps/recorder/src/x.ts',
      `import { open as o } from 'node:fs/promises'\no('x', flag)`,
      /x\.ts:2 o changes/,
    ],
    ['opened to read', 'apps/recorder/src/x.ts', `import { open } from 'node:fs/promises'\nopen('x')\nopen('x', 'r')`, undefined],
    ['reading', 'apps/recorder/src/x.ts', `import { createReadStream, readFileSync } from 'node:fs'`, undefined],
    ['a type', 'apps/recorder/src/x.ts', `import type { WriteStream } from 'node:fs'`, undefined],
    ['the owner of the disk', 'packages/event-store/src/x.ts', `import { writeFile } from 'node:fs/promises'`, undefined],
    ['a test', 'apps/recorder/test/x.test.ts', `import { mkdtemp } from 'node:fs/promises'`, undefined],
  ])

  it('lets a listed file through', () => {
    const files = { 'apps/cli/src/output.ts': `import { writeFile } from 'node:fs/promises'` }
    expect(fileWrites(example(files), ['apps/cli/src/output.ts'])).toEqual([])
  })
})

describe('Env is the only door', () => {
  holds(envDoor, [
    ['Date.now', 'packages/ingest/src/x.ts', 'export const t = Date.now()', /Date\.now outside env\.ts/],
    ['new Date()', 'packages/ingest/src/x.ts', 'export const t = new Date()', /new Date\(\) outside/],
    ['Math.random', 'packages/ingest/src/x.ts', 'export const t = Math.random()', /Math\.random outside/],
    ['performance', 'packages/ingest/src/x.ts', 'export const t = performance.now()', /performance\.now outside/],
    [
      'through globalThis',
      'packages/ingest/src/x.ts',
      'export const t = globalThis.performance.now()',
      /performance\.now outside/,
    ],
    ['setTimeout', 'packages/ingest/src/x.ts', 'setTimeout(() => {}, 1)', /setTimeout outside/],
    [
      'timers',
      'packages/ingest/src/x.ts',
      `import { setTimeout as wait } from 'node:timers/promises'`,
      /node:timers\/promises outside/,
    ],
    ['node:fs', 'packages/event-store/src/x.ts', `import { readFile } from 'node:fs/promises'`, /node:fs\/promises outside/],
    ['random bytes', 'packages/ingest/src/x.ts', `import { randomBytes } from 'node:crypto'`, /randomBytes from node:crypto/],
    ['a hash', 'packages/ingest/src/x.ts', `import { createHash } from 'node:crypto'`, undefined],
    ['a date from a number', 'packages/ingest/src/x.ts', 'export const t = new Date(0)', undefined],
    ['the door itself', 'packages/ingest/src/env.ts', 'export const t = Date.now()', undefined],
    ['an app', 'apps/recorder/src/x.ts', 'export const t = Date.now()', undefined],
  ])
})

describe('plain types', () => {
  holds(plainTypes, [
    ['any', 'apps/recorder/src/x.ts', 'export const a: any = 1', /`any`/],
    ['as any', 'apps/recorder/src/x.ts', 'export const a = 1 as any', /`any`/],
    ['in a generic', 'apps/recorder/test/x.test.ts', 'const a: Map<string, any> = new Map()', /`any`/],
    ['ts-ignore', 'apps/recorder/src/x.ts', '// @ts-ignore\nexport const a = 1', /switches the type checker off/],
    ['vague name', 'apps/recorder/src/string-utils.ts', 'export const a = 1', /says nothing/],
    ['the word in a string', 'apps/recorder/src/x.ts', `export const a = 'any'`, undefined],
    ['an expected error', 'apps/recorder/test/x.test.ts', '// @ts-expect-error wrong on purpose\nconst a: string = 1', undefined],
  ])
})

describe('exports', () => {
  holds(noDefaultExports, [
    ['expression', 'apps/recorder/src/x.ts', 'export default 1', /default export/],
    ['function', 'apps/recorder/src/x.ts', 'export default function run() {}', /default export/],
    ['renamed', 'apps/recorder/src/x.ts', 'const a = 1\nexport { a as default }', /default export/],
    ['tool settings', 'apps/recorder/tsup.config.ts', 'export default {}', undefined],
  ])
  holds(exportsDocumented, [
    ['undocumented function', 'apps/recorder/src/x.ts', 'export function run() {}', /export run has no docstring/],
    ['undocumented constant', 'apps/recorder/src/x.ts', 'export const A = 1', /export A has no docstring/],
    ['line comment', 'apps/recorder/src/x.ts', '// not a docstring\nexport interface A {}', /export A has no docstring/],
    ['documented', 'apps/recorder/src/x.ts', '/** Runs. */\nexport function run() {}', undefined],
    ['a group', 'apps/recorder/src/x.ts', '/** Limits. */\nexport const A = 1\nexport const B = 2', undefined],
    [
      'a group that ended',
      'apps/recorder/src/x.ts',
      '/** Limit. */\nexport const A = 1\n\nexport const B = 2',
      /export B has no/,
    ],
    ['private', 'apps/recorder/src/x.ts', 'function run() {}', undefined],
  ])
})

describe('exact money', () => {
  const numbers: Rule = (workspace) => exactMoney(workspace, (expression) => expression.getText() === 'number')
  holds(numbers, [
    ['parseFloat', 'apps/recorder/src/x.ts', `export const a = parseFloat('1.1')`, /parseFloat/],
    ['Number.parseFloat', 'packages/ingest/src/x.ts', `export const a = Number.parseFloat('1.1')`, /parseFloat/],
    ['toFixed of a number', 'packages/ingest/src/x.ts', 'export const a = number.toFixed(2)', /toFixed on a number/],
    ['toFixed of a Decimal', 'packages/ingest/src/x.ts', 'export const a = decimal.toFixed(2)', undefined],
    ['seconds, printed by an app', 'apps/recorder/src/x.ts', 'export const a = number.toFixed(1)', undefined],
  ])

  it('tells a number from an object with a toFixed of its own, by its type', () => {
    const root = fileURLToPath(new URL('./fixtures/money', import.meta.url))
    const path = 'packages/schemas/src/price.ts'
    const workspace = example({ [path]: readFileSync(`${root}/${path}`, 'utf8') })
    expect(report(exactMoney(workspace, typeOracle(root, { strict: true, types: [] }, workspace)))).toEqual([
      'packages/schemas/src/price.ts:12 toFixed on a number; money is a Decimal',
    ])
  })
})

describe('manifests', () => {
  const dir = 'packages/ingest'
  const broken = (changes: Record<string, unknown>): string => manifest(dir, changes)
  holds(manifestsPublishable, [
    ['licence', `${dir}/package.json`, broken({ license: 'ISC' }), /license: is MIT/],
    ['repository', `${dir}/package.json`, broken({ repository: { url: 'git+https://example.test' } }), /repository: is/],
    ['engines', `${dir}/package.json`, broken({ engines: { node: '>=18' } }), /engines: is node >=24/],
    ['side effects', `${dir}/package.json`, broken({ sideEffects: undefined }), /sideEffects/],
    ['files', `${dir}/package.json`, broken({ files: ['dist', 'src', 'README.md'] }), /files: lists CHANGELOG\.md/],
    [
      'no types',
      `${dir}/package.json`,
      broken({ exports: { '.': { default: './dist/index.js' }, './package.json': './package.json' } }),
      /conditions/,
    ],
    ['range outside the catalog', `${dir}/package.json`, broken({ dependencies: { zod: '^4.0.0' } }), /zod is catalog:/],
    ['sibling by version', `${dir}/package.json`, broken({ dependencies: { '@vectra/schemas': '^0.1.0' } }), /workspace:\^/],
    ['no provenance', `${dir}/package.json`, broken({ publishConfig: {} }), /provenance/],
  ])
})

describe('links', () => {
  holds(linksAlive, [
    ['a file that is gone', 'docs/a.md', 'see [b](b.md)', /docs\/a\.md:1 b\.md leads nowhere/],
    ['out of a folder', 'docs/a.md', '\n[b](../packages/none)', /a\.md:2 \.\.\/packages\/none leads nowhere/],
    [
      'a folder, a file, a heading, the web',
      'docs/a.md',
      '[a](../packages/ingest/) [b](a.md#x) [c](#c) [d](https://example.test)',
      undefined,
    ],
    ['an example', 'docs/a.md', '```\n[b](b.md)\n```\nand `[b](b.md)`', undefined],
  ])
})

describe('READMEs', () => {
  const path = 'packages/ingest/README.md'
  const good = readme('packages/ingest')
  holds(readmesComplete, [
    ['none', 'packages/bare/package.json', manifest('packages/bare'), /packages\/bare\/README\.md:1 missing/],
    ['another name', path, good.replace('# @vectra/ingest', '# Ingest'), /first line is not/],
    ['nothing to run', path, good.replace('```sh', '```'), /shows nothing/],
    ['code that nobody runs', path, good.replace('```sh', '```ts'), /no test runs/],
    ['no limits', path, good.replace('## Limits', '## Later'), /no section Limits/],
    ['an app without an API', 'apps/cli/README.md', '# @vectra/cli\n\n```sh\nvectra\n```\n', undefined],
  ])
})
