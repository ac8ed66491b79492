import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Everything the bootstrap fetches or notes down. Git-ignored; deleting it only costs time. */
export const tools = resolve(root, '.tools')
export const logs = resolve(tools, 'logs')
export const stamps = resolve(tools, 'stamps')
