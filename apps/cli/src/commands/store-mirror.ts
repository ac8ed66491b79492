import { resolve } from 'node:path'
import {
  EventStoreError,
  localObjects,
  mirrorSql,
  newestManifest,
  type ObjectStore,
  pullStore,
  pushStore,
  s3Objects,
} from '@vectra/event-store'
import type { DocType } from '@vectra/schemas'
import type { CommandContext } from '../context.ts'
import { requireDataDir } from '../data.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { formatSize, plural } from '../terminal/units.ts'

interface AddressOptions {
  readonly endpoint?: string
  readonly region?: string
  readonly concurrency?: number
}

/** Options of `vectra store push`. */
export interface PushVerbOptions extends AddressOptions {
  readonly to: string
  readonly dryRun?: boolean
}

/** Options of `vectra store pull`. */
export interface PullVerbOptions extends AddressOptions {
  readonly from: string
  readonly docType?: readonly DocType[]
  readonly since?: string
  readonly until?: string
}

/** Options of `vectra store views`. */
export interface ViewsVerbOptions extends AddressOptions {
  readonly from: string
}

function objectsAt({ cwd, env }: CommandContext, address: string, { endpoint, region }: AddressOptions): ObjectStore {
  if (!address.includes('://')) return localObjects({ dir: resolve(cwd, address) })
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]+[a-z0-9])(?:\/(.*?))?\/?$/.exec(address)
  if (match?.[1] === undefined) {
    throw new CliError('CLI_USAGE', `${address} is no address of a mirror`, {
      exitCode: EXIT.usage,
      hint: 's3://BUCKET/PREFIX, or a directory',
    })
  }
  const at = endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL']
  const where = region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  return s3Objects({
    bucket: match[1],
    prefix: match[2] ?? '',
    ...(at === undefined ? {} : { endpoint: at }),
    ...(where === undefined ? {} : { region: where }),
  })
}

/** Runs `work` with the store of an address, and closes it. */
async function withObjects<T>(
  context: CommandContext,
  address: string,
  options: AddressOptions,
  work: (objects: ObjectStore) => Promise<T>,
): Promise<T> {
  const objects = objectsAt(context, address, options)
  try {
    return await work(objects)
  } finally {
    objects.close()
  }
}

const places = ({ concurrency }: AddressOptions) => (concurrency === undefined ? {} : { concurrency })

/** `vectra store push`: mirrors the part files. Run again it puts only what is new. */
export async function push(context: CommandContext, _operands: readonly string[], options: PushVerbOptions): Promise<ExitCode> {
  const { io, signal } = context
  const settings = await context.settings()
  requireDataDir(settings)
  const dryRun = options.dryRun === true
  const report = await withObjects(context, options.to, options, (objects) =>
    pushStore({ dir: settings.values.dataDir, objects, signal, dryRun, ...places(options) }),
  )
  if (context.json) {
    const { manifest, changed, files, rows, uploaded, uploadedBytes } = report
    await io.line(JSON.stringify({ manifest, changed, files, rows, uploaded, uploaded_bytes: uploadedBytes, dry_run: dryRun }))
  } else {
    const what = `${plural(report.uploaded, 'object')}, ${formatSize(report.uploadedBytes)}`
    await io.line(
      dryRun
        ? `${what} would go up`
        : report.changed
          ? `${what} went up; manifest ${report.manifest} lists ${plural(report.files, 'part')}, ${plural(report.rows, 'row')}`
          : `nothing new; manifest ${report.manifest} lists ${plural(report.files, 'part')}`,
    )
  }
  return EXIT.ok
}

/** `vectra store pull`: fills the data directory from a mirror. */
export async function pull(context: CommandContext, _operands: readonly string[], options: PullVerbOptions): Promise<ExitCode> {
  const { io, signal } = context
  const settings = await context.settings()
  const report = await withObjects(context, options.from, options, (objects) =>
    pullStore({
      dir: settings.values.dataDir,
      objects,
      signal,
      ...places(options),
      ...(options.docType === undefined ? {} : { docTypes: options.docType }),
      ...(options.since === undefined ? {} : { since: options.since }),
      ...(options.until === undefined ? {} : { until: options.until }),
    }),
  )
  if (context.json) {
    const { manifest, files, rows, downloaded, downloadedBytes } = report
    await io.line(JSON.stringify({ manifest, files, rows, downloaded, downloaded_bytes: downloadedBytes }))
  } else {
    const came = `${plural(report.downloaded, 'object')}, ${formatSize(report.downloadedBytes)}`
    await io.line(
      `${came} came; ${plural(report.files, 'part')}, ${plural(report.rows, 'row')} of manifest ${report.manifest} in ${settings.values.dataDir}`,
    )
  }
  return EXIT.ok
}

/** `vectra store views`: a script for another DuckDB, which reads the mirror where it lies. */
export async function views(context: CommandContext, _operands: readonly string[], options: ViewsVerbOptions): Promise<ExitCode> {
  const script = await withObjects(context, options.from, options, async (objects) => {
    const manifest = await newestManifest(objects, { signal: context.signal })
    if (manifest === undefined) {
      throw new EventStoreError('STORE_OBJECT_MISSING', `nothing was pushed to ${objects.name} yet`, {
        context: { store: objects.name },
      })
    }
    return mirrorSql(manifest, objects.name)
  })
  await context.io.write(script)
  return EXIT.ok
}
