import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeOrigin, resolveSettings } from '../src/config/settings.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'vectra-settings-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

it('a flag beats a variable, a variable the file, the file the default', async () => {
  const env = { HOME: '/home/me' }
  const dataDir = async (extra: { env?: Record<string, string>; flag?: string }) => {
    const { values, origins } = await resolveSettings({
      cwd,
      env: { ...env, ...extra.env },
      flags: { dataDir: extra.flag === undefined ? undefined : { flag: '--data-dir', value: extra.flag } },
    })
    return [values.dataDir, describeOrigin(origins.dataDir)]
  }
  expect(await dataDir({})).toEqual(['/home/me/rugs_data', 'default'])
  const file = join(cwd, 'vectra.config.json')
  writeFileSync(file, '{"dataDir": "from-file"}')
  expect(await dataDir({})).toEqual([join(cwd, 'from-file'), `file ${file}`])
  expect(await dataDir({ env: { RUGS_DATA_DIR: '/seed' } })).toEqual(['/seed', 'env RUGS_DATA_DIR'])
  expect(await dataDir({ env: { RUGS_DATA_DIR: '/seed', VECTRA_DATA_DIR: '/own' } })).toEqual(['/own', 'env VECTRA_DATA_DIR'])
  expect(await dataDir({ env: { RUGS_DATA_DIR: '/seed' }, flag: 'flagged' })).toEqual([join(cwd, 'flagged'), 'flag --data-dir'])
  expect(await dataDir({ env: { RUGS_DATA_DIR: '' } })).toEqual([join(cwd, 'from-file'), `file ${file}`])
})

it('a TypeScript file wins over a JSON one, and its texts become numbers', async () => {
  writeFileSync(join(cwd, 'vectra.config.json'), '{"logLevel": "error"}')
  writeFileSync(
    join(cwd, 'vectra.config.ts'),
    `import type { VectraConfig } from '@vectra/cli'\nexport default { query: { timeout: '1m', maxRows: 5, memoryLimit: '2GiB' } } satisfies VectraConfig\n`,
  )
  const { values, configFile } = await resolveSettings({ cwd, env: { VECTRA_QUERY_THREADS: '3' } })
  expect(configFile).toBe(join(cwd, 'vectra.config.ts'))
  expect(values).toMatchObject({
    logLevel: 'info',
    'query.timeout': 60_000,
    'query.maxRows': 5,
    'query.memoryLimit': 2 ** 31,
    'query.threads': 3,
  })
})

it.each([
  ['a misspelt key', '{"datadir": "x"}', /unknown key datadir/, 'did you mean dataDir?'],
  ['a misspelt nested key', '{"record": {"ulr": "http://x"}}', /unknown key record\.ulr/, 'did you mean record.url?'],
  ['a number where a duration belongs', '{"query": {"timeout": 30}}', /query\.timeout is 30/, /config check/],
  ['an address without a protocol', '{"record": {"url": "backend"}}', /ws\(s\)/, /config check/],
  ['a count of zero', '{"query": {"maxRows": 0}}', /above 0/, /config check/],
  ['a list', '[]', /must hold one object/, /export default/],
  ['broken JSON', '{"dataDir": ', /does not load/, /config check/],
])('%s in the config file is refused with exit 78', async (_name, content, message, hint) => {
  const file = join(cwd, 'vectra.config.json')
  writeFileSync(file, content)
  const error = await resolveSettings({ cwd, env: {} }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    exitCode: 78,
    where: file,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })
})

it('a bad flag is a usage error, a bad variable a config error', async () => {
  await expect(
    resolveSettings({ cwd, env: {}, flags: { 'query.timeout': { flag: '--timeout', value: '5' } } }),
  ).rejects.toMatchObject({ exitCode: 2 })
  await expect(resolveSettings({ cwd, env: { VECTRA_QUERY_TIMEOUT: '5' } })).rejects.toMatchObject({
    exitCode: 78,
    code: 'CLI_CONFIG_INVALID',
  })
  await expect(resolveSettings({ cwd, env: { VECTRA_CONFIG: 'missing.json' } })).rejects.toMatchObject({
    exitCode: 78,
    code: 'CLI_CONFIG_UNREADABLE',
  })
})
