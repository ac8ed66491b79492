import { homedir } from 'node:os'
import { join } from 'node:path'
import { ensureModelFolder } from '../src/index.ts'

/** The model folder of the tests: kept between runs, made from the installed weights when it is not there. */
export const MODELS_DIR = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vectra', 'models')

/** Makes it before a test needs it (5 s, once). */
export function modelFolder(): string {
  return ensureModelFolder(MODELS_DIR)
}
