import { findBrowser } from '@vectra/recorder'
import { DEFAULTS } from '../config/schema.ts'
import type { Settings } from '../config/settings.ts'
import type { CommandContext } from '../context.ts'
import { checkData } from '../doctor/data.ts'
import { type Finding, fault, ok, skipped, type Verdict, warning } from '../doctor/finding.ts'
import { checkClock, checkNode, checkSpace, checkSync } from '../doctor/machine.ts'
import { checkMcpServers } from '../doctor/mcp-servers.ts'
import { checkNative, NATIVE_MODULES } from '../doctor/native.ts'
import { checkFeed, checkPort } from '../doctor/network.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { failureOf } from '../failure.ts'
import { plural } from '../terminal/units.ts'
import { OPS_PORT } from './record.ts'

const MARKS: Readonly<Record<Verdict, readonly [string, 'green' | 'yellow' | 'red' | 'dim']>> = {
  ok: ['ok  ', 'green'],
  warning: ['warn', 'yellow'],
  fault: ['BAD ', 'red'],
  skipped: ['–   ', 'dim'],
}

/** `vectra doctor`: every check, with the fix for each finding. Changes nothing. Exit 1 when there is a fault, 0 with warnings only. */
export async function doctor(
  context: CommandContext,
  _operands: readonly string[],
  options: { fast?: boolean },
): Promise<ExitCode> {
  const findings: Finding[] = []
  const tell = async (...found: readonly Finding[]): Promise<void> => {
    findings.push(...found)
    if (!context.json) for (const finding of found) await context.io.line(lineOf(context, finding))
  }
  await tell(checkNode(process.version))
  const settings = await context.settings().catch((error: unknown) => failureOf(error))
  if ('values' in settings) {
    const from = settings.configFile === undefined ? 'no config file' : settings.configFile
    await tell(ok('config', from))
    await checkWith(context, settings, options.fast === true, tell)
  } else {
    const { message, where, hint } = settings
    await tell(fault('config', where === undefined ? message : `${message} (${where})`, hint ?? 'vectra config check'))
    await tell(skipped('data_dir', 'nothing else is looked at before the configuration is right'))
  }
  const faults = findings.filter(({ verdict }) => verdict === 'fault').length
  const warnings = findings.filter(({ verdict }) => verdict === 'warning').length
  if (context.json) await context.io.line(JSON.stringify({ ok: faults === 0, faults, warnings, findings }))
  else
    await context.io.line(
      `\n${faults === 0 && warnings === 0 ? 'all is well' : `${plural(faults, 'fault')}, ${plural(warnings, 'warning')}`}`,
    )
  return faults === 0 ? EXIT.ok : EXIT.failure
}

async function checkWith(
  context: CommandContext,
  { values }: Settings,
  fast: boolean,
  tell: (...found: readonly Finding[]) => Promise<void>,
): Promise<void> {
  const { dataDir } = values
  const data = checkData(dataDir)
  await tell(...data.findings, checkSpace(dataDir))
  await tell(fast ? skipped('disk_sync', 'left out (--fast)') : checkSync(dataDir))
  const feed = await checkFeed(values['record.url'], values['record.path'])
  await tell(feed.finding, checkClock(Date.now(), data.lastEvent, feed.aheadMs))
  await tell(await checkPort(values['record.opsPort'], OPS_PORT))
  await tell(browser(values['browser.path'], values['record.source'].includes('cdp'), context.env))
  for (const module of NATIVE_MODULES) await tell(await checkNative(module))
  await tell(checkMcpServers(context.cwd, context.env))
}

/** Only `--source cdp` needs one. */
function browser(path: string, needed: boolean, env: CommandContext['env']): Finding {
  try {
    return ok('browser', findBrowser(path === DEFAULTS['browser.path'] ? null : path, env))
  } catch (error) {
    const { message, hint } = failureOf(error)
    return (needed ? fault : warning)('browser', `${message}: no --source cdp`, hint ?? 'install Chromium')
  }
}

function lineOf({ io }: CommandContext, { check, verdict, found, fix }: Finding): string {
  const [mark, style] = MARKS[verdict]
  const line = `${io.styled(style, mark)}  ${check.padEnd(18)} ${found}`
  return fix === null ? line : `${line}\n      ${io.styled('bold', `fix: ${fix}`)}`
}
