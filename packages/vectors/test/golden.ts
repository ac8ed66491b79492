import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getEmbeddingsPath } from '@sap-ux/fiori-docs-embeddings'

/** Similarity of two vectors of length one. */
export const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)

/**
 * Texts and their vectors, evenly from 778 that SAP made with the same model.
 *
 * @param longest characters; texts past the model's 512 tokens were cut by another rule (without the closing token)
 */
export function golden(count: number, longest = Number.POSITIVE_INFINITY): { texts: string[]; vectors: Float32Array[] } {
  const folder = getEmbeddingsPath()
  const records = readFileSync(join(folder, 'records.jsonl'), 'utf8').trimEnd().split('\n')
  const bytes = Uint8Array.from(readFileSync(join(folder, 'embeddings.bin')))
  const floats = new Float32Array(bytes.buffer, bytes.byteLength - records.length * 384 * 4)
  const contents = records.map((record) => (JSON.parse(record) as { content: string }).content)
  const fitting = [...contents.keys()].filter((at) => (contents[at] ?? '').length <= longest)
  const chosen = Array.from({ length: count }, (_, at) => fitting[Math.floor((at * fitting.length) / count)] ?? 0)
  return {
    texts: chosen.map((at) => contents[at] ?? ''),
    vectors: chosen.map((at) => floats.subarray(at * 384, (at + 1) * 384)),
  }
}
