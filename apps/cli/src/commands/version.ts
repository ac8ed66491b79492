import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderPairs } from '../terminal/table.ts'
import { packageVersion } from '../version.ts'

/** `vectra version`: versions that matter for a bug report. Loads no native module. */
export async function version(context: CommandContext): Promise<ExitCode> {
  const versions = {
    vectra: packageVersion(),
    node: process.versions.node,
    duckdb: packageOf('@duckdb/node-api'),
    platform: `${process.platform}-${process.arch}`,
  }
  if (context.json) await context.io.line(JSON.stringify(versions))
  else await context.io.line(renderPairs(Object.entries(versions).map(([name, value]) => [name, value ?? 'not installed'])))
  return EXIT.ok
}

/** Version of a package that the event store depends on, found from the event store's own place. */
function packageOf(name: string): string | null {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('@vectra/event-store/package.json'))
    const manifest: unknown = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8'))
    return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : null
  } catch {
    return null
  }
}
