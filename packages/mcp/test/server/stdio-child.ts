import { serveVectraStdio, vectraServer } from '../../src/index.ts'

// A server one of whose libraries thinks that stdout is for its words.
const ports = {
  status: async () => {
    console.log('a library says hello')
    process.stdout.write('half a line')
    return { data_dir: '/data' }
  },
}
await serveVectraStdio(vectraServer({ ports, version: '0.0.0' })).done
