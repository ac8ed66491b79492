import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { UNIT_NAME, unitArgument, unitFile } from '../src/service/unit.ts'
import { scratch, vectra } from './run-cli.ts'

const ANALYZE = '/usr/bin/systemd-analyze'
const hasSystemd = existsSync(ANALYZE)
if (!hasSystemd) process.stderr.write('SKIPPED systemd-analyze verify: no systemd here (apt-get install systemd)\n')

/** What systemd says about a unit: nothing, when all is well. */
async function verify(text: string): Promise<string> {
  using dir = scratch()
  const path = join(dir.path, UNIT_NAME)
  writeFileSync(path, text)
  const { stderr } = await promisify(execFile)(ANALYZE, ['verify', path]).catch((error: { stderr: string }) => error)
  return stderr
}

it('the unit in deploy/ is what the code makes', () => {
  const path = fileURLToPath(new URL(`../../../deploy/systemd/${UNIT_NAME}`, import.meta.url))
  expect(readFileSync(path, 'utf8')).toBe(unitFile({ scope: 'system', command: ['/usr/bin/env', 'vectra', 'record'] }))
})

it.runIf(hasSystemd)('systemd finds nothing to say about either unit, and would about a mistake', async () => {
  const user = unitFile({
    scope: 'user',
    command: [process.execPath, '/a b/main.js', 'record', '--data-dir', '/100% "mine"/$HOME'],
  })
  const system = unitFile({ scope: 'system', command: ['/usr/bin/env', 'vectra', 'record'] })
  expect(await verify(user)).toBe('')
  expect(await verify(system)).toBe('')
  expect(await verify(system.replace('KillMode', 'KilMode'))).toContain('Unknown key')
})

it.runIf(hasSystemd)('a system unit is locked down: exposure below 3 of 10', async () => {
  using dir = scratch()
  const path = join(dir.path, UNIT_NAME)
  writeFileSync(path, unitFile({ scope: 'system', command: ['/usr/bin/env', 'vectra', 'record'] }))
  const { stdout } = await promisify(execFile)(ANALYZE, ['security', '--offline=true', '--no-pager', path])
  expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(3)
})

it('arguments come back as they were, whatever is in them', () => {
  // systemd.syntax(7): quotes around, C-style escapes inside, %% and $$ stand for themselves.
  const read = (text: string): string => {
    const inner = text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
    return inner.replaceAll('%%', '%').replaceAll('$$', '$')
  }
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (text) => {
      expect(read(unitArgument(text))).toBe(text)
    }),
  )
  expect(() => unitArgument('two\nlines')).toThrow(TypeError)
})

it('prints, says what it would do, writes once, and leaves another unit alone', { timeout: 60_000 }, async () => {
  using dir = scratch()
  const path = join(dir.path, '.config', 'systemd', 'user', UNIT_NAME)
  const base = ['--data-dir', join(dir.path, 'my data')]
  const options = { cwd: dir.path }
  const printed = await vectra(['service', 'print', ...base, '--', '--sockets', '2'], options)
  expect(printed.stdout).toContain(`record --data-dir "${dir.path}/my data" --sockets 2 --takeover\n`)
  const dry = await vectra(['service', 'install', '--dry-run', ...base, '--', '--sockets', '2'], options)
  expect([dry.code, dry.stdout, existsSync(path)]).toEqual([0, printed.stdout, false])
  expect(dry.stderr).toMatch(/would write .*\nnext {2}systemctl --user daemon-reload/)
  const done = await vectra(['service', 'install', '--json', ...base, '--', '--sockets', '2'], options)
  expect(JSON.parse(done.stdout)).toMatchObject({ path, written: true, unchanged: false, dry_run: false })
  expect(readFileSync(path, 'utf8')).toBe(printed.stdout)
  const again = await vectra(['service', 'install', '--json', ...base, '--', '--sockets', '2'], options)
  expect(JSON.parse(again.stdout)).toMatchObject({ written: false, unchanged: true })
  const other = await vectra(['service', 'install', ...base], options)
  expect([other.code, /--overwrite/.test(other.stderr), readFileSync(path, 'utf8')]).toEqual([73, true, printed.stdout])
  expect((await vectra(['service', 'install', '--overwrite', ...base], options)).code).toBe(0)
  expect(readFileSync(path, 'utf8')).not.toContain('--sockets')
  mkdirSync(join(dir.path, 'x'))
  expect((await vectra(['service', 'print', '--', 'a\nb'], options)).code).toBe(2)
})

it('what `vectra record` would refuse is refused before it stands in a unit', async () => {
  using dir = scratch()
  for (const [words, named] of [
    [['--sockts', '2'], "'--sockts'"],
    [['twice'], "'twice'"],
    [['--duration', 'soon'], 'soon'],
  ] as const) {
    const { code, stdout, stderr } = await vectra(['service', 'install', '--', ...words], { cwd: dir.path })
    expect([code, stdout, existsSync(join(dir.path, '.config'))], words.join(' ')).toEqual([2, '', false])
    expect(stderr).toContain(named)
  }
  const { code, stdout } = await vectra(['service', 'print', '--', '--source', 'cdp', '--log-level', 'debug'], { cwd: dir.path })
  expect([code, stdout.includes('--source cdp --log-level debug')]).toEqual([0, true])
})
