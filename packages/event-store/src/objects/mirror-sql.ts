import { analysisStatements } from '../query/analysis/catalogue.ts'
import { viewStatements } from '../query/views.ts'
import type { Manifest } from './manifest.ts'

/**
 * A script that defines all views over a mirror in place, for any DuckDB that can read the address: with its `httpfs` extension over S3,
 * MotherDuck, or none for a directory. The list of files is the manifest's: run it again after a push.
 *
 * @param base in front of each path, e.g. `s3://bucket/prefix`
 */
export function mirrorSql(manifest: Pick<Manifest, 'files' | 'number'>, base: string): string {
  const files = manifest.files.map((file) => ({ ...file, absolutePath: `${base.replace(/\/$/, '')}/${file.path}` }))
  const views = [...viewStatements(files), ...analysisStatements()].map((statement) => `${statement};\n`)
  return `-- Manifest ${manifest.number}: ${files.length} files.\n${views.join('')}`
}
