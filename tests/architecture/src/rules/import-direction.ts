import { type Finding, type SourceModule, sourcesOf, type Workspace } from '../workspace.ts'

/** What each library may import from the workspace. An app may import every library. */
const LIBRARY_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  '@vectra/schemas': [],
  '@vectra/game': ['@vectra/schemas'],
  '@vectra/event-store': ['@vectra/schemas'],
  '@vectra/ingest': ['@vectra/schemas'],
  '@vectra/vectors': ['@vectra/schemas'],
  '@vectra/context-tools': ['@vectra/schemas'],
  '@vectra/mcp': ['@vectra/schemas'],
}

/** The one app that starts the others. */
const COMPOSER = '@vectra/cli'

/**
 * Imports point one way: apps → packages → schemas. Siblings meet in an app, through ports.
 *
 * A module never reaches into another package's files: not by a relative path, not by a deep import.
 */
export function importDirection(workspace: Workspace): Finding[] {
  const findings: Finding[] = []
  for (const module of sourcesOf(workspace)) {
    for (const edge of module.imports) {
      const message = objection(module, edge.specifier, edge.target, workspace)
      if (message !== undefined) findings.push({ path: module.path, line: edge.line, message })
    }
  }
  return findings
}

function objection(
  module: SourceModule,
  specifier: string,
  target: string | undefined,
  workspace: Workspace,
): string | undefined {
  const { name } = module.package.manifest
  if (specifier.startsWith('.')) {
    const inside = target?.startsWith(`${module.package.dir}/`)
    return inside ? undefined : `${specifier} leaves the package; import what ${name} needs by package name`
  }
  const own = /^(@vectra\/[^/]+)(\/.*)?$/.exec(specifier)
  if (own?.[1] === undefined) return undefined
  const [, wanted, deep] = own
  if (deep !== undefined && !exportsSubpath(workspace, wanted, deep))
    return `${specifier} is not an entry of ${wanted}; import from its index`
  if (wanted === name) return `${name} imports itself by name; use a relative path`
  if (module.package.dir.startsWith('apps/')) {
    const isApp = workspace.packages.some((other) => other.manifest.name === wanted && other.dir.startsWith('apps/'))
    return isApp && name !== COMPOSER ? `apps do not import apps (${name} → ${wanted}); only ${COMPOSER} does` : undefined
  }
  const allowed = LIBRARY_MAY_IMPORT[name]
  if (allowed === undefined) return `${name} is not in the list of libraries; say what it may import in import-direction.ts`
  return allowed.includes(wanted) ? undefined : `${name} must not import ${wanted}; siblings meet in an app through a port`
}

function exportsSubpath(workspace: Workspace, name: string, subpath: string): boolean {
  const exported = workspace.packages.find((item) => item.manifest.name === name)?.manifest['exports']
  if (typeof exported !== 'object' || exported === null) return false
  return Object.keys(exported).some((key) => {
    if (!key.includes('*')) return key === `.${subpath}`
    const [before = '', after = ''] = key.split('*')
    return `.${subpath}`.startsWith(before) && `.${subpath}`.endsWith(after)
  })
}
