import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { EmbeddingCache } from '../src/embedding-cache.ts'
import { temporaryFolder } from './temporary-folder.ts'

const texts = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => `text ${from + at}`)
const vectors = (of: readonly string[]): Map<string, Float32Array> =>
  new Map(of.map((text) => [text, Float32Array.from({ length: 384 }, (_, at) => Math.fround(text.length + at / 7))]))

it('gives back, to the bit, what another process or run put in, and nothing of another model', () => {
  const file = join(temporaryFolder(), 'cache', 'embeddings.sqlite')
  const put = vectors(texts(0, 50))
  {
    using cache = new EmbeddingCache(file, 'one')
    cache.put(put)
  }
  using cache = new EmbeddingCache(file, 'one')
  expect(cache.get(texts(0, 51))).toEqual(put)
  using other = new EmbeddingCache(file, 'two')
  expect(other.get(texts(0, 50)).size).toBe(0)
})

it('beyond its bound the vectors that were put first go, and the file stops growing', () => {
  const file = join(temporaryFolder(), 'embeddings.sqlite')
  {
    using cache = new EmbeddingCache(file, 'one', 100)
    for (let from = 0; from < 500; from += 20) cache.put(vectors(texts(from, 20)))
    expect([...cache.get(texts(0, 500)).keys()]).toEqual(texts(400, 100))
    for (let from = 500; from < 5_000; from += 20) cache.put(vectors(texts(from, 20)))
    // What is put again counts as new.
    cache.put(vectors(texts(4_900, 1)))
    cache.put(vectors(texts(9_000, 99)))
    expect([...cache.get([...texts(4_899, 3), ...texts(9_000, 99)]).keys()]).toEqual(['text 4900', ...texts(9_000, 99)])
  }
  // A hundred vectors, two a page, and the pages that a batch frees; all that were put would be 11 MB.
  expect(statSync(file).size).toBeLessThan(600_000)
})
