import { describeSink } from './sink-conformance.ts'
import { MemorySink } from './support/memory-sink.ts'

describeSink('in memory', async () => {
  const sink = new MemorySink()
  return { sink, stored: async (id) => sink.events.filter(({ _session_id }) => _session_id === id), close: async () => {} }
})
