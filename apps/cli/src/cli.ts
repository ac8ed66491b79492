import { type Command, CommanderError } from 'commander'
import { type CommandContext, createContext, type GlobalOptions } from './context.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { buildProgram, type Launch } from './program.ts'
import { interruptedExit, watchStopSignals } from './stop.ts'
import { processIo } from './terminal/io.ts'
import { StatusDisplay } from './terminal/status-line.ts'

/**
 * Runs one command line to its end.
 *
 * @param argv arguments after the program's name
 * @returns the exit code; never throws
 */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  const { env } = process
  if (argv.includes('--no-color')) env.NO_COLOR = '1'
  const json = argv.includes('--json')
  const io = processIo(env)
  const display = new StatusDisplay(io)
  using stop = watchStopSignals({
    onStop: (signal) => {
      // Without a terminal the verb's own log says it.
      if (io.stderrIsLive) display.print(`stopping (${signal}); once more to leave at once`)
    },
    onForced: (why) => display.print(`left at once (${why}); what was acknowledged is in the journal, the next run recovers it`),
  })
  let exit: ExitCode = EXIT.ok
  const launch: Launch = (verb) => async (command) => {
    const options = command.optsWithGlobals<GlobalOptions & Parameters<typeof verb>[2]>()
    const context: CommandContext = createContext({
      io,
      display,
      options,
      command: pathOf(command),
      env,
      cwd: process.cwd(),
      stop,
    })
    exit = (await verb(context, command.args, options)) ?? EXIT.ok
  }
  let verb = ''
  try {
    const program = buildProgram({
      launch,
      write: (text) => void io.write(text),
      writeError: (text) => io.rawError(text),
      styled: io.styled,
    })
    const { operands, unknown } = program.parseOptions([...argv])
    verb = verbOf(program, operands)
    if (operands.length === 0 && unknown.length === 0) {
      const { home } = await import('./commands/home.ts')
      await launch((context) => home(context))(program)
    } else {
      await program.parseAsync([...argv], { from: 'user' })
    }
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return await showUsage(error, io, json, verb)
    if (io.readerGone.aborted) return EXIT.ok
    if (stop.signal.aborted && isAbort(error)) return interruptedExit(stop.received())
    // Errors know every code of every package, and their schemas with them: nothing that works waits for that.
    const { failureOf, showFailure } = await import('./failure.ts')
    const failure = failureOf(error)
    showFailure(io, failure, { json })
    return failure.exitCode
  } finally {
    await settle(io.readerGone)
  }
}

/** Help and version asked for are answers; everything else commander raises is a mistake in the command line. */
async function showUsage(
  error: CommanderError,
  io: ReturnType<typeof processIo>,
  json: boolean,
  verb: string,
): Promise<ExitCode> {
  if (error.exitCode === 0) return EXIT.ok
  if (error.code === 'commander.help') return EXIT.usage
  const { showFailure } = await import('./failure.ts')
  const [message = '', hint] = error.message.replace(/^error: /, '').split('\n')
  showFailure(
    io,
    {
      code: 'CLI_USAGE',
      message,
      where: undefined,
      hint:
        hint?.replace(/^\((.*)\)$/, '$1').replace(/^Did/, 'did') ??
        (verb === ''
          ? '`vectra --help` lists the verbs, `vectra <verb> --help` their options'
          : `\`vectra ${verb} --help\` shows what it takes`),
      detail: undefined,
      exitCode: EXIT.usage,
    },
    { json },
  )
  return EXIT.usage
}

/** The verb that a command line names, as far as there is one: `record`, `browser launch`. */
function verbOf(program: Command, operands: readonly string[]): string {
  const path: string[] = []
  let at: Command | undefined = program
  for (const word of operands) {
    at = at?.commands.find((command) => command.name() === word)
    if (at === undefined) break
    path.push(word)
  }
  return path.join(' ')
}

function pathOf(command: { name(): string; parent: { name(): string; parent: unknown } | null }): string {
  return command.parent?.parent == null ? command.name() : `${command.parent.name()} ${command.name()}`
}

function isAbort(error: unknown): boolean {
  if (error instanceof SuppressedError) return isAbort(error.suppressed)
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === 'AbortError' || ('code' in at && /(^|_)(ABORTED|ABORT_ERR|CANCELLED|INTERRUPTED)$/.test(String(at.code))))
      return true
  }
  return false
}

/** Waits until what was written to stdout has left the process. */
async function settle(readerGone: AbortSignal): Promise<void> {
  if (readerGone.aborted || process.stdout.writableLength === 0) return
  await new Promise<void>((resolve) => {
    readerGone.addEventListener('abort', () => resolve(), { once: true })
    process.stdout.write('', () => resolve())
  })
}
