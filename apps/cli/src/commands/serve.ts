import type { CommandContext } from '../context.ts'
import { requireDataDir } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { openPage, type PageOptions, untilAborted } from '../page.ts'

/** `vectra serve`: the page on recorded data alone, until stopped. */
export async function serve(context: CommandContext, _operands: readonly string[], options: PageOptions): Promise<ExitCode> {
  const settings = await context.settings()
  requireDataDir(settings)
  await using player = await openPage(context, options, { mode: 'serve', dataDir: settings.values.dataDir })
  if (context.json) await context.io.line(JSON.stringify({ event: 'listening', url: player.url, port: player.port }))
  await untilAborted(context.signal)
  return EXIT.ok
}
