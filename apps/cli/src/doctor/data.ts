import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type CatalogReader, EventStoreError, liveSessions, openCatalog, storePaths } from '@vectra/event-store'
import { plural } from '../terminal/units.ts'
import { type Finding, fault, ok, skipped, warning } from './finding.ts'

/** What the data directory said. */
export interface DataFindings {
  readonly findings: readonly Finding[]
  /** Receive time of the newest stored event, microseconds. */
  readonly lastEvent: number | null
}

/** The data directory: there, ours to write, with a catalog that reads and nothing left lying around. */
export function checkData(dataDir: string): DataFindings {
  if (!existsSync(dataDir))
    return { findings: [ok('data_dir', `${dataDir}: not there yet, the first recording makes it`)], lastEvent: null }
  if (!statSync(dataDir).isDirectory())
    return { findings: [fault('data_dir', `${dataDir} is a file`, 'name a directory with --data-dir')], lastEvent: null }
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    const fix = `make it yours: sudo chown -R "$USER" ${dataDir}`
    return { findings: [fault('data_dir', `${dataDir} cannot be written by this user`, fix)], lastEvent: null }
  }
  const { finding, lastEvent } = checkCatalog(dataDir)
  return { findings: [finding, checkLocks(dataDir), checkQuarantine(dataDir)], lastEvent }
}

function checkCatalog(dataDir: string): { finding: Finding; lastEvent: number | null } {
  const paths = storePaths(dataDir)
  if (!existsSync(paths.catalog)) {
    const orphaned = existsSync(paths.events) && readdirSync(paths.events).length > 0
    return {
      finding: orphaned
        ? fault('data_dir', `${dataDir} holds part files, but no catalog says which`, 'vectra store recover')
        : ok('data_dir', `${dataDir}: nothing stored yet`),
      lastEvent: null,
    }
  }
  try {
    using catalog: CatalogReader = openCatalog(dataDir)
    const files = catalog.files()
    const missing = files.filter(({ absolutePath }) => !existsSync(absolutePath))
    const lastEvent = files.length === 0 ? null : files.reduce((last, { tsMax }) => Math.max(last, tsMax), 0)
    return {
      finding:
        missing.length === 0
          ? ok('data_dir', `${dataDir}: ${plural(files.length, 'part file')}, all there`)
          : fault(
              'data_dir',
              `${plural(missing.length, 'part file')} of the catalog gone, e.g. ${missing[0]?.path}`,
              'restore them from a backup; vectra store verify lists them all',
            ),
      lastEvent,
    }
  } catch (error) {
    const text = error instanceof EventStoreError ? error.message : String(error)
    return {
      finding: fault('data_dir', text, 'vectra store recover --rebuild-catalog: it is made anew from the parts'),
      lastEvent: null,
    }
  }
}

/** Sessions of live processes, and what dead ones left. */
function checkLocks(dataDir: string): Finding {
  const { journal } = storePaths(dataDir)
  if (!existsSync(journal)) return ok('locks', 'nobody writes')
  const live = liveSessions(dataDir)
  const held = new Set(live.map(({ sessionId }) => sessionId))
  const left = readdirSync(journal, { withFileTypes: true }).filter(
    (entry) =>
      entry.isDirectory() &&
      !held.has(entry.name) &&
      readdirSync(join(journal, entry.name)).some((name) => name.endsWith('.ndjson')),
  )
  if (left.length > 0)
    return warning(
      'locks',
      `${plural(left.length, 'session')} of killed recorders still in the journal; nothing is lost`,
      'vectra store recover   (the next recording does it, too)',
    )
  return live.length === 0
    ? ok('locks', 'nobody writes')
    : ok('locks', live.map(({ sessionId, pid }) => `session ${sessionId} by process ${pid ?? '?'}`).join(', '))
}

function checkQuarantine(dataDir: string): Finding {
  const { quarantine } = storePaths(dataDir)
  if (!existsSync(quarantine)) return ok('quarantine', 'empty')
  try {
    const count = readdirSync(quarantine).length
    return count === 0
      ? ok('quarantine', 'empty')
      : warning(
          'quarantine',
          `${plural(count, 'file')} set aside as damaged`,
          `look at the reasons in ${quarantine}; vectra store verify says what is affected`,
        )
  } catch (error) {
    return skipped('quarantine', error instanceof Error ? error.message : String(error))
  }
}
