import type { ReplayRecord } from '@vectra/ingest'
import type { CommandContext } from './context.ts'
import { openData, resolveGame } from './data.ts'

/** A stored game as frames to replay, read anew for each client. Frames only: rows that never were on a wire are left out. */
export async function openGameRecording(
  context: CommandContext,
  id: string,
): Promise<AsyncDisposable & { readonly name: string; readonly records: () => AsyncIterable<ReplayRecord> }> {
  const engine = await openData(await context.settings())
  try {
    const gameId = await resolveGame(engine, id, context.signal)
    return {
      name: `game ${gameId}`,
      records: async function* () {
        for await (const row of engine.eventsOfGame(gameId, { docTypes: ['ws_event'], signal: context.signal })) {
          if (row.direction === 'internal' || row.packet === null || row.raw_json === null) continue
          yield { at: row.ts, text: row.packet + row.raw_json, direction: row.direction, connection: row.session_id }
        }
      },
      [Symbol.asyncDispose]: () => engine.close(),
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}
