import type { FsPort } from '../fs-port.ts'
import type { EncoderName, PartEncoder } from '../part-encoder.ts'

/** Loads an encoder by name; only the one that is asked for, so that the portable one works where DuckDB has no build. */
export async function namedEncoder(name: EncoderName, fs: FsPort): Promise<PartEncoder> {
  if (name === 'parquetjs') return (await import('./parquetjs.ts')).parquetjsEncoder(fs)
  return (await import('./duckdb.ts')).duckdbEncoder()
}
