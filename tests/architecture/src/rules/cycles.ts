import { type Finding, type SourceModule, sourcesOf, type Workspace } from '../workspace.ts'

/** No module reaches itself through imports that exist at run time. Each cycle is reported once, where it closes. */
export function importCycles(workspace: Workspace): Finding[] {
  const byPath = new Map(sourcesOf(workspace).map((module) => [module.path, module]))
  const done = new Set<string>()
  const findings: Finding[] = []
  const trail: string[] = []

  const visit = (module: SourceModule): void => {
    if (done.has(module.path)) return
    trail.push(module.path)
    for (const edge of module.imports) {
      const target = edge.typeOnly || edge.target === undefined ? undefined : byPath.get(edge.target)
      if (target === undefined) continue
      const start = trail.indexOf(target.path)
      if (start < 0) visit(target)
      else
        findings.push({
          path: module.path,
          line: edge.line,
          message: `closes a cycle: ${[...trail.slice(start), target.path].join(' → ')}`,
        })
    }
    trail.pop()
    done.add(module.path)
  }

  for (const module of byPath.values()) visit(module)
  return findings
}
