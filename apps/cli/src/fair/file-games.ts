import { type CollectedGame, createGameCollector } from '@vectra/game'
import { importFile } from '@vectra/ingest'
import { type CaptureFile, checkReadable, readPieces } from '../capture-files.ts'
import { parseLiterals } from './literals.ts'
import { addFrame } from './stored-games.ts'

/** Games of capture files, without storing anything. Games that several files know are put together. */
export async function gamesOfFiles(files: readonly CaptureFile[], signal: AbortSignal): Promise<CollectedGame[]> {
  const collector = createGameCollector()
  for (const file of files) {
    await checkReadable(file)
    const source = await importFile({ name: file.name, content: readPieces(file.path) })
    for await (const item of source.items(signal)) {
      if (item.kind === 'record' && item.record.eventName === 'tick') collector.addRecordedTick(parseLiterals(item.record.text))
      if (item.kind !== 'frame' || typeof item.frame.text !== 'string' || item.frame.direction !== 'received') continue
      const frame = /^42\d*(\["gameStateUpdate",.*)$/s.exec(item.frame.text)
      if (frame?.[1] !== undefined) addFrame(collector, frame[1], 1)
    }
  }
  return collector.games()
}
