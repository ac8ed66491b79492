import type { Finding, Workspace, WorkspacePackage } from '../workspace.ts'

const REPOSITORY = 'git+https://github.com/vectra-player/vectra.git'
const CONDITIONS = ['@vectra/source', 'types', 'default']

/** Every package is fit to be published: metadata, entries, files, licence, and dependencies from the catalog. */
export function manifestsPublishable(workspace: Workspace): Finding[] {
  return workspace.packages.flatMap((item) =>
    objections(item).map((message) => ({ path: `${item.dir}/package.json`, line: 1, message })),
  )
}

function objections(item: WorkspacePackage): string[] {
  const { dir, manifest } = item
  const found: string[] = []
  const expect = (field: string, ok: boolean, wanted: string): void => {
    if (!ok) found.push(`${field}: ${wanted}`)
  }
  const record = (field: string): Record<string, unknown> => {
    const value = manifest[field]
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  }
  expect('name', manifest.name === `@vectra/${dir.split('/')[1]}`, 'is @vectra/ and the folder name')
  expect('description', String(manifest['description'] ?? '').length >= 10, 'says what the package is')
  expect('license', manifest['license'] === 'MIT', 'is MIT')
  expect('type', manifest['type'] === 'module', 'is module (ESM only)')
  expect('sideEffects', 'sideEffects' in manifest, 'is declared')
  expect(
    'repository',
    record('repository')['url'] === REPOSITORY && record('repository')['directory'] === dir,
    `is ${REPOSITORY}, ${dir}`,
  )
  expect('homepage', typeof manifest['homepage'] === 'string', 'is there')
  expect('bugs', typeof manifest['bugs'] === 'string' || 'url' in record('bugs'), 'is there')
  expect('engines', record('engines')['node'] === '>=24', 'is node >=24')
  const listed = Array.isArray(manifest['files']) ? (manifest['files'] as string[]) : []
  for (const name of ['dist', 'src', 'README.md', 'CHANGELOG.md']) expect('files', listed.includes(name), `lists ${name}`)
  const entries = record('exports')
  expect('exports', '.' in entries && entries['./package.json'] === './package.json', 'has "." and "./package.json"')
  for (const [entry, target] of Object.entries(entries)) {
    if (typeof target !== 'object' || target === null) continue
    const conditions = Object.keys(target)
    expect(
      'exports',
      conditions.join() === CONDITIONS.join(),
      `${entry} has the conditions ${CONDITIONS.join(', ')}, in this order`,
    )
  }
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const wanted = name.startsWith('@vectra/') ? 'workspace:^' : 'catalog:'
    expect('dependencies', range === wanted, `${name} is ${wanted}, not ${range}`)
  }
  if (manifest.private !== true)
    expect('publishConfig', record('publishConfig')['provenance'] === true, 'publishes with provenance')
  return found
}
