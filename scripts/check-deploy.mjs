#!/usr/bin/env node
// deploy/: the Dockerfile is sound, and what the image would do is done here: its deploy step, its start, its health check, its
// stop. With a Docker engine the image is built, too. The systemd units are checked by the tests of @vectra/cli.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { parse } from 'yaml'
import { root } from './bootstrap/places.mjs'
import { toolchain } from './bootstrap/toolchain.mjs'
import { dockerfileFaults, imageOf } from './deploy/dockerfile.mjs'
import { outputOf } from './output-of.mjs'
import { tally } from './tally.mjs'

const chain = toolchain()
const results = tally()
const path = join(root, 'deploy/docker/Dockerfile')
const text = readFileSync(path, 'utf8')
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const orThrow = (faults) => {
  if (faults.length > 0) throw new Error(faults.join('\n'))
}

await results.check('Dockerfile: grammar', () =>
  orThrow(validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)),
)
await results.check('Dockerfile: pinned, without rights, with a health check', () =>
  orThrow(dockerfileFaults(text, { node: chain.nodeVersion, pnpm: packageManager.replace('pnpm@', '') })),
)
await results.check('compose.yaml: init, read-only, no capabilities, time to stop', () => {
  const { recorder } = parse(readFileSync(join(root, 'deploy/docker/compose.yaml'), 'utf8')).services
  const wanted = { init: true, read_only: true, stop_grace_period: '30s' }
  orThrow(
    Object.entries(wanted).flatMap(([key, value]) =>
      recorder[key] === value ? [] : [`${key} is ${recorder[key]}, not ${value}`],
    ),
  )
  if (!recorder.cap_drop?.includes('ALL')) throw new Error('capabilities are kept')
})

const work = mkdtempSync(join(tmpdir(), 'vectra-image-'))
const children = []
try {
  const app = join(work, 'app')
  const image = imageOf(text)
  const deployed = await results.check("the image's deploy step", async () => {
    if (image.deploy === '') throw new Error('no "pnpm … deploy … /app" in the Dockerfile')
    const args = [chain.pnpm, ...image.deploy.split(' '), '--prefer-offline', app]
    await outputOf(chain.node, args, { cwd: root, env: { ...chain.env, CI: 'true' } })
    return true
  })
  if (deployed) {
    await results.check('starts, is healthy, and stops in order on SIGTERM, as the image has it', () => tryImage(image, app))
  }
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true })
}

const engine = await outputOf('docker', ['info', '--format', '{{.ServerVersion}}']).then(
  () => true,
  () => false,
)
if (engine) {
  await results.check('docker build', () => outputOf('docker', ['build', '-q', '-f', path, root]))
} else process.stderr.write('SKIPPED docker build: no Docker engine answers here\n')
process.exitCode = results.close()

/** Runs what the image would run, against a simulated feed, in a folder instead of the volume. */
async function tryImage({ entrypoint, command, health, env }, app) {
  const at = (args) => args.map((arg) => arg.replace(/^\/app\b/, app))
  const port = await freePort()
  const own = { ...chain.env, HOME: work, ...env, VECTRA_DATA_DIR: join(work, 'data'), VECTRA_RECORD_OPS_PORT: String(port) }
  const sim = start([...at(entrypoint), 'sim', '--port', ':0', '--json'], own)
  const { url } = JSON.parse(await sim.line)
  const recorder = start([...at(entrypoint), ...command], { ...own, VECTRA_RECORD_URL: url })
  await recorder.says(/"msg":"connect"/)
  const asked = health.map((arg) => arg.replaceAll(env.VECTRA_RECORD_OPS_PORT ?? '9464', String(port)))
  await outputOf(chain.node, asked.slice(1), { env: own })
  recorder.child.kill('SIGTERM')
  const begun = performance.now()
  const code = await recorder.ended
  if (code !== 0) throw new Error(`ended with ${code}`)
  if (performance.now() - begun > 10_000) throw new Error('took longer than 10 s to stop')
  sim.child.kill('SIGTERM')
  await sim.ended
}

function start([, ...args], env) {
  const child = spawn(chain.node, args, { cwd: work, env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let output = ''
  const watchers = new Set()
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk
      for (const look of watchers) look()
    })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const says = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output)
        if (match !== null) resolve(match[0])
      }
      watchers.add(look)
      look()
      void ended.then((code) => reject(new Error(`ended with ${code}:\n${output}`)))
    })
  const line = says(/^\{.*\}$/m)
  line.catch(() => undefined)
  return { child, ended, says, line }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0
      server.close(() => resolve(port))
    })
  })
}
