import { type VerifyFinding, type VerifyReport, verifyStore } from '@vectra/event-store'
import type { CommandContext } from '../context.ts'
import { requireDataDir } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { formatDuration, formatSize, plural } from '../terminal/units.ts'

/** `vectra store verify`: every byte of journal, catalog and parts; exit 65 when one is not as it was stored. Changes nothing. */
export async function verify(
  context: CommandContext,
  _operands: readonly string[],
  options: { deep?: boolean; receipts?: boolean },
): Promise<ExitCode> {
  const { io, signal } = context
  const settings = await context.settings()
  requireDataDir(settings)
  const { dataDir } = settings.values
  const log = await context.log(settings)
  const startedAt = performance.now()
  let pass = 'reading'
  using status = context.display.show(
    { text: () => `verifying ${dataDir}  ${pass}  ${formatDuration(performance.now() - startedAt)}`, fields: () => ({ pass }) },
    log,
    { quiet: context.quiet },
  )
  const first = await verifyStore({ dir: dataDir, signal, receipts: options.receipts === true })
  signal.throwIfAborted()
  let report: VerifyReport = first
  if (options.deep === true) {
    pass = 'reading again with both readers'
    const second = await verifyStore({ dir: dataDir, signal, reader: 'parquetjs', deep: true })
    signal.throwIfAborted()
    const findings = [
      ...first.findings,
      ...second.findings.filter((finding) => !first.findings.some((known) => sameFinding(known, finding))),
    ]
    report = { ...first, ok: findings.length === 0, findings }
  }
  status[Symbol.dispose]()
  const elapsedMs = Math.round(performance.now() - startedAt)
  await print(context, report, { dataDir, elapsedMs, deep: options.deep === true })
  const { parts, journalFiles, sessions } = report.checked
  if (parts + journalFiles + sessions === 0) io.say(`nothing is stored in ${dataDir}; is it the right directory?`)
  if (!report.ok && !context.json) io.say('nothing was changed; keep a copy of the data directory before you repair it')
  return report.ok ? EXIT.ok : EXIT.badData
}

async function print(
  { io, json }: CommandContext,
  { ok, findings, checked, live }: VerifyReport,
  run: { dataDir: string; elapsedMs: number; deep: boolean },
): Promise<void> {
  if (json) {
    await io.line(
      JSON.stringify({
        ok,
        findings: findings.map(({ kind, path, sessionId, message }) => ({ kind, path, session_id: sessionId, message })),
        checked: {
          journal_files: checked.journalFiles,
          journal_lines: checked.journalLines,
          parts: checked.parts,
          part_bytes: checked.partBytes,
          rows: checked.rows,
          sessions: checked.sessions,
          gaps: checked.gaps,
          receipts: checked.receipts,
        },
        live,
        deep: run.deep,
        data_dir: run.dataDir,
        elapsed_ms: run.elapsedMs,
      }),
    )
    return
  }
  if (findings.length > 0) {
    const rows = findings.map((finding) => [finding.kind, finding.path ?? finding.sessionId ?? '', finding.message])
    await io.line(
      `${renderTable([{ name: 'finding' }, { name: 'where', maxWidth: 100 }, { name: 'what', maxWidth: 120 }], rows, (header) => io.styled('dim', header))}\n`,
    )
  }
  const what = [
    `${plural(checked.parts, 'part')} (${formatSize(checked.partBytes)}, ${plural(checked.rows, 'row')})`,
    `${plural(checked.journalLines, 'journal line')}`,
    plural(checked.sessions, 'session'),
    plural(checked.gaps, 'declared gap'),
    ...(checked.receipts > 0 ? [plural(checked.receipts, 'receipt')] : []),
  ].join(', ')
  await io.line(
    `${ok ? io.styled('green', 'ok') : io.styled('red', plural(findings.length, 'finding'))}: ${what} checked in ${formatDuration(run.elapsedMs)}${live.length > 0 ? `; still being written: ${live.join(', ')}` : ''}`,
  )
}

function sameFinding(a: VerifyFinding, b: VerifyFinding): boolean {
  return a.kind === b.kind && a.path === b.path && a.sessionId === b.sessionId
}
