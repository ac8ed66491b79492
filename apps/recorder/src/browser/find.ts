import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { RecorderError } from '../errors.ts'

/** Programs that speak the DevTools protocol, by preference. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'brave-browser', 'microsoft-edge-stable']

/** Places outside `PATH`. */
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/Applications/Chromium.app/Contents/MacOS',
  '/Applications/Google Chrome.app/Contents/MacOS',
]

const MAC_NAMES = ['Chromium', 'Google Chrome']

/**
 * The browser's program: the configured one, else the first that is found.
 *
 * @throws RecorderError `RECORDER_BROWSER_NOT_FOUND`
 */
export function findBrowser(configured: string | null, env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (configured !== null) {
    if (isProgram(configured)) return configured
    throw notFound(`${configured} is no program that can be started`, configured)
  }
  const folders = [...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...PLACES]
  for (const name of [...NAMES, ...MAC_NAMES]) {
    const found = folders.map((folder) => join(folder, name)).find(isProgram)
    if (found !== undefined) return found
  }
  throw notFound('no Chromium or Chrome found', null)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function notFound(what: string, path: string | null): RecorderError {
  const hint = 'install one (Debian: apt-get install -y --no-install-recommends chromium), or say where it is with --browser-path'
  return new RecorderError('RECORDER_BROWSER_NOT_FOUND', what, { context: { hint, ...(path === null ? {} : { path }) } })
}
