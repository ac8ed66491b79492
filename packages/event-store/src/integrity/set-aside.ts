import path from 'node:path'
import type { FileMeta } from '../catalog.ts'
import { type DurableDirectories, durableWrite } from '../durable.ts'
import type { Env } from '../env.ts'
import { systemCode } from '../errors.ts'
import type { StorePaths } from '../paths.ts'
import type { QuarantineReason } from '../quarantine.ts'
import { fileDigestGently } from './digest.ts'

/** What setting parts aside needs. */
export interface SetAsideDeps {
  readonly env: Env
  readonly paths: StorePaths
  readonly directories: DurableDirectories
}

/** Name of a part inside `quarantine/`, the first time that it is set aside. */
export function asideName({ docType, path: at }: Pick<FileMeta, 'docType' | 'path'>): string {
  return `${docType}-${path.basename(at)}`
}

/**
 * Moves listed parts that are not as they were written into `quarantine/`, each with its reason beside it.
 *
 * The catalog goes on listing them: answers and verify say what is missing, and a good copy at the old place counts again. A part
 * is read twice before it is moved, so that a fault of memory in passing moves nothing.
 *
 * @returns their names inside `quarantine/`
 */
export async function setAsideParts(deps: SetAsideDeps, parts: readonly FileMeta[]): Promise<readonly string[]> {
  const names: string[] = []
  for (const part of parts) {
    if ((await whatIsWrong(deps.env, part)) === undefined) continue
    const found = await whatIsWrong(deps.env, part)
    if (found === undefined) continue
    const name = move(deps, part, found)
    if (name !== undefined) names.push(name)
  }
  return names
}

/** What is wrong with a part's bytes; nothing when they are right, or when it is not there: it was merged, or is missing. */
async function whatIsWrong(env: Env, part: FileMeta): Promise<string | undefined> {
  try {
    const { bytes, sha256 } = await fileDigestGently(env, part.absolutePath)
    if (bytes === part.bytes && sha256 === part.sha256) return undefined
    return `${bytes} bytes with sha256 ${sha256}; ${part.bytes} bytes with sha256 ${part.sha256} were written`
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function move({ env: { fs }, paths, directories }: SetAsideDeps, part: FileMeta, found: string): string | undefined {
  directories.ensure(paths.quarantine)
  const plain = asideName(part)
  let name = plain
  for (let copy = 2; fs.stat(path.join(paths.quarantine, name)) !== undefined; copy++) name = `${plain}.${copy}`
  const target = path.join(paths.quarantine, name)
  const reason: QuarantineReason = { path: part.path, reasons: [found] }
  durableWrite(fs, `${target}.reason.json`, Buffer.from(`${JSON.stringify(reason, null, 2)}\n`))
  try {
    fs.rename(part.absolutePath, target)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    fs.unlink(`${target}.reason.json`)
    return undefined
  }
  fs.fsyncDir(paths.quarantine)
  fs.fsyncDir(path.dirname(part.absolutePath))
  return name
}
