/** A process that indexes `count` documents and is killed by its parent: prints `ready`, then `written N` after each commit. */
import { openVectorIndex } from '../src/index.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { killCorpus } from './kill-corpus.ts'

const [dir = '', count = '0', generation = '0'] = process.argv.slice(2)
const index = await openVectorIndex({ dir, embedder: hashEmbedder({ dimensions: 32 }), cacheFile: `${dir}.cache` })
console.log('ready')
await index.sync(killCorpus(Number(count), Number(generation)), { onProgress: ({ rows }) => console.log(`written ${rows}`) })
console.log('done')
await index.close()
