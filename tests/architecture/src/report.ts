import type { Finding } from './workspace.ts'

/** One line per finding, `path:line message`, so that an editor can jump to it; sorted, to compare runs. */
export function report(findings: readonly Finding[]): string[] {
  return findings.map(({ path, line, message }) => `${path}:${line} ${message}`).sort()
}
