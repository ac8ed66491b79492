import type { Finding, Workspace } from '../workspace.ts'

/** What every library's README tells, in this order. An app tells at least how to start it. */
const LIBRARY_SECTIONS = ['Quickstart', 'API', 'Guarantees', 'Limits'] as const

/** Every package has a README that shows before it tells, and whose TypeScript is run by a test. */
export function readmesComplete(workspace: Workspace): Finding[] {
  const findings: Finding[] = []
  for (const { dir, manifest } of workspace.packages) {
    const path = `${dir}/README.md`
    const text = workspace.files.get(path)
    const report = (message: string): void => {
      findings.push({ path, line: 1, message })
    }
    if (text === undefined) {
      report('missing')
      continue
    }
    if (!text.startsWith(`# ${manifest.name}\n`)) report(`the first line is not "# ${manifest.name}"`)
    if (!/^```(ts|sh|bash|console)$/m.test(text)) report('shows nothing to run')
    if (/^```ts$/m.test(text) && ![...workspace.files.keys()].some((file) => file.startsWith(`${dir}/test/readme`))) {
      report('has TypeScript that no test runs (test/readme.int.test.ts)')
    }
    if (!dir.startsWith('packages/')) continue
    const sections = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])
    const missing = LIBRARY_SECTIONS.filter((name) => !sections.includes(name))
    if (missing.length > 0) report(`has no section ${missing.join(', ')}`)
  }
  return findings
}
