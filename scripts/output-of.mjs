import { runChild } from './bootstrap/child.mjs'

/**
 * Runs a command quietly and returns what it wrote to stdout.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @throws {Error} with everything it wrote, and its `stdout`, when it exits with anything but 0
 */
export async function outputOf(file, args, options = {}) {
  let stdout = ''
  let all = ''
  const { code, error } = await runChild(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }, (child) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk
      all += chunk
    })
    child.stderr?.setEncoding('utf8').on('data', (chunk) => {
      all += chunk
    })
  })
  if (error) throw error
  if (code !== 0)
    throw Object.assign(new Error(`${all.trimEnd()}\n(exit code ${code}: ${[file, ...args].join(' ')})`), { stdout })
  return stdout
}
