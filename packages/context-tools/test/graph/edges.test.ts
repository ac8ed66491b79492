import { expect, test } from 'vitest'
import { DEFAULT_CONFIG } from '../../src/config.ts'
import { EvidenceGraph } from '../../src/graph/graph.ts'
import { memoryView } from '../memory-view.ts'

/** Edges of one file: where each leads, its kind, and whether only types are taken. */
async function edgesOf(path: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const graph = new EvidenceGraph(memoryView(files), DEFAULT_CONFIG)
  return (await graph.edges(path)).map((edge) =>
    [
      edge.to ?? `outside:${edge.external ?? edge.specifier}`,
      edge.kind,
      ...(edge.typeOnly ? ['types'] : []),
      ...(edge.conditional ? ['conditional'] : []),
    ].join(' '),
  )
}

const PACKAGES = {
  'packages/lib/package.json': JSON.stringify({
    name: '@acme/lib',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './wire/*': './dist/wire/*.js' },
    imports: { '#own/*': './src/own/*.ts' },
  }),
  'packages/lib/src/index.ts': '',
  'packages/lib/src/wire/codec.ts': '',
  'packages/lib/src/own/deep.ts': '',
  'tsconfig.base.json':
    '{ "compilerOptions": { "baseUrl": ".", /* why */ "paths": { "@app/*": ["apps/web/src/*"], "one": ["apps/web/src/one.ts"], } } }',
  'apps/web/tsconfig.json': '{ "extends": "../../tsconfig.base" }',
  'apps/web/src/one.ts': '',
  'apps/web/src/two.tsx': '',
  'shared/three.ts': '',
}

test.each([
  ['a path alias of an extended tsconfig', "import '@app/two'", 'apps/web/src/two.tsx static'],
  ['an alias without a star', "import 'one'", 'apps/web/src/one.ts static'],
  ['baseUrl', "import 'shared/three'", 'shared/three.ts static'],
  ['a workspace package, built name for source', "import '@acme/lib'", 'packages/lib/src/index.ts static'],
  ['a subpath of its exports', "import '@acme/lib/wire/codec'", 'packages/lib/src/wire/codec.ts static'],
  ['a .js name for a .ts file', "import './one.js'", 'apps/web/src/one.ts static'],
  ['types alone', "import type { A } from './one.ts'", 'apps/web/src/one.ts static types'],
  ['a dynamic import', "const a = await import('./one.ts')", 'apps/web/src/one.ts dynamic'],
  ['a re-export', "export * from './one.ts'", 'apps/web/src/one.ts reexport'],
  ['a package of others', "import x from '@other/pkg/sub'", 'outside:@other/pkg static'],
  ['a builtin', "import fs from 'fs'", 'outside:node:fs static'],
])('TypeScript resolves %s', async (_name, line, edge) => {
  expect(await edgesOf('apps/web/src/main.ts', { ...PACKAGES, 'apps/web/src/main.ts': `${line}\n` })).toEqual([edge])
})

test('TypeScript resolves the imports of its own package', async () => {
  const files = { ...PACKAGES, 'packages/lib/src/main.ts': "import '#own/deep'\n" }
  expect(await edgesOf('packages/lib/src/main.ts', files)).toEqual(['packages/lib/src/own/deep.ts static'])
})

const PYTHON = {
  'pyproject.toml': '',
  'src/pkg/__init__.py': 'from .core import Core\n',
  'src/pkg/core.py': '',
  'src/pkg/sub/__init__.py': '',
  'src/pkg/sub/leaf.py': '',
  'src/plain/only.py': '',
}

test.each([
  ['a sibling', 'from .core import Core', ['src/pkg/core.py static']],
  ['a submodule, not the package', 'from .sub import leaf', ['src/pkg/sub/leaf.py static']],
  ['the package itself', 'from . import Core', ['src/pkg/__init__.py static']],
  ['an absolute name of a src layout', 'from pkg.sub.leaf import x', ['src/pkg/sub/leaf.py static']],
  ['a namespace package', 'import plain.only', ['src/plain/only.py static']],
  [
    'an import that only sometimes happens',
    'try:\n    from .core import Core\nexcept ImportError:\n    Core = None',
    ['src/pkg/core.py static conditional'],
  ],
  ['an import for types', 'if TYPE_CHECKING:\n    from .core import Core', ['src/pkg/core.py static types conditional']],
  ['the standard library', 'import json', ['outside:json static']],
])('Python resolves %s', async (_name, text, edges) => {
  expect(await edgesOf('src/pkg/main.py', { ...PYTHON, 'src/pkg/main.py': `${text}\n` })).toEqual(edges)
})
