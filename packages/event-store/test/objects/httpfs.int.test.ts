import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localObjects } from '../../src/objects/local-objects.ts'
import { newestManifest } from '../../src/objects/manifest.ts'
import { mirrorSql } from '../../src/objects/mirror-sql.ts'
import type { ObjectStore } from '../../src/objects/object-store.ts'
import { pushStore } from '../../src/objects/push.ts'
import { s3Objects } from '../../src/objects/s3-objects.ts'
import { ANALYSIS_VIEWS } from '../../src/query/analysis/catalogue.ts'
import { openQuery } from '../../src/query/engine.ts'
import { VIEWS } from '../../src/query/views.ts'
import { storeDay } from '../compaction/day.ts'
import { hasS3, type S3Server, s3Server } from './s3-server.ts'

const python = fileURLToPath(new URL('../../../../.tools/duckdb-httpfs/bin/python', import.meta.url))
const hasHttpfs = existsSync(python)
if (!hasHttpfs) {
  process.stderr.write('\n!!! SKIPPED: no .tools/duckdb-httpfs; run scripts/setup-s3.sh to read a mirror over S3\n\n')
  if (process.env['CI'] === 'true') throw new Error('no .tools/duckdb-httpfs, and CI must have it: sh scripts/setup-s3.sh')
}

/** Another DuckDB, of another version and another language, with httpfs: runs the script, then counts in every view. */
const COUNT = `
import duckdb, glob, json, os, sys
site = os.path.dirname(os.path.dirname(duckdb.__file__))
connection = duckdb.connect()
connection.execute("LOAD '" + glob.glob(site + '/duckdb_extension_httpfs/**/*.duckdb_extension', recursive=True)[0] + "'")
connection.execute("SET TimeZone = 'UTC'")
script, secret, names, extra = sys.argv[1:]
if secret: connection.execute(secret)
connection.execute(open(script).read())
found = {}
for name in json.loads(names):
    found[name] = connection.execute('SELECT count(*), coalesce(sum(hash(CAST(COLUMNS(*) AS VARCHAR))), 0)::VARCHAR FROM ' + name).fetchone()[0]
found['exact'] = str(connection.execute('SELECT max(price) FROM ticks').fetchone()[0])
if extra: found['glob'] = connection.execute(extra).fetchone()[0]
print(json.dumps(found))`

describe.skipIf(!hasHttpfs)('a mirror is read in place', () => {
  let work: string
  let expected: Record<string, number | string>
  const names = [...VIEWS, ...ANALYSIS_VIEWS]

  beforeAll(async () => {
    work = mkdtempSync(path.join(os.tmpdir(), 'vectra-httpfs-'))
    await storeDay(path.join(work, 'data'), 3)
    await using query = await openQuery({ dir: path.join(work, 'data') })
    expected = {}
    for (const name of names) expected[name] = Number((await query.sql(`SELECT count(*) FROM ${name}`)).rows[0]?.[0])
    expected['exact'] = (await query.sql('SELECT max(price)::VARCHAR FROM ticks')).rows[0]?.[0] as string
  }, 60_000)

  afterAll(() => {
    rmSync(work, { recursive: true })
  })

  const read = async (objects: ObjectStore, base: string, secret: string, extra: string) => {
    await pushStore({ dir: path.join(work, 'data'), objects })
    const manifest = await newestManifest(objects)
    const script = path.join(work, 'views.sql')
    writeFileSync(script, mirrorSql(manifest ?? { files: [], number: 0 }, base))
    const run = await promisify(execFile)(python, ['-c', COUNT, script, secret, JSON.stringify(names), extra])
    return JSON.parse(run.stdout) as Record<string, unknown>
  }

  it('in a directory, by any DuckDB', async () => {
    const dir = path.join(work, 'objects')
    expect(await read(localObjects({ dir }), dir, '', '')).toEqual(expected)
  })

  it.skipIf(!hasS3)('over S3, by httpfs: through the script, and through a glob', async () => {
    await using server: S3Server = await s3Server()
    const bucket = server.bucket('readers')
    const objects = s3Objects({ bucket, prefix: 'deep/er', ...server.access })
    const { accessKeyId, secretAccessKey } = server.access.credentials
    const endpoint = server.access.endpoint.replace('http://', '')
    const secret = `CREATE SECRET (TYPE s3, KEY_ID '${accessKeyId}', SECRET '${secretAccessKey}', ENDPOINT '${endpoint}', URL_STYLE 'path', USE_SSL false, REGION 'us-east-1')`
    const base = `s3://${bucket}/deep/er`
    const found = await read(objects, base, secret, `SELECT count(*) FROM '${base}/events_parquet/**/*.parquet'`)
    expect(found).toEqual({ ...expected, glob: expected['events'] })
    objects.close()
  })
})
