import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localObjects } from '../../src/objects/local-objects.ts'
import { bodyOf, readObject } from '../../src/objects/object-store.ts'
import { s3Objects } from '../../src/objects/s3-objects.ts'
import { objectConformance } from './conformance.ts'
import { hasS3, type S3Server, s3Server } from './s3-server.ts'

objectConformance({
  name: 'a directory',
  async open() {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-objects-'))
    const again = () => localObjects({ dir: path.join(dir, 'objects') })
    return { objects: again(), again, [Symbol.asyncDispose]: async () => rmSync(dir, { recursive: true }) }
  },
})

describe.skipIf(!hasS3)('with a real S3 server', () => {
  let server: S3Server

  beforeAll(async () => {
    server = await s3Server()
  }, 30_000)

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  objectConformance({
    name: 'S3 (versitygw)',
    async open() {
      const bucket = server.bucket('conformance')
      const again = () => s3Objects({ bucket, prefix: 'some/where', partBytes: 5 * 2 ** 20, ...server.access })
      return { objects: again(), again, [Symbol.asyncDispose]: async () => undefined }
    },
  })

  it('wrong credentials are refused, and the message says what to look at', async () => {
    const bucket = server.bucket('private')
    const credentials = { ...server.access.credentials, secretAccessKey: 'wrong-secret' }
    const objects = s3Objects({ bucket, endpoint: server.access.endpoint, credentials, maxAttempts: 1 })
    const error = await objects.putIfAbsent('a', bodyOf(Buffer.from('x'))).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'STORE_OBJECT_IO', message: expect.stringContaining('check the credentials') })
    expect(String(error)).not.toContain('wrong-secret')
    objects.close()
  })

  it('a service that is not there is an error with its address, not a hang', async () => {
    const objects = s3Objects({
      bucket: 'b',
      endpoint: 'http://127.0.0.1:9',
      credentials: server.access.credentials,
      maxAttempts: 1,
    })
    await expect(objects.stat('a')).rejects.toMatchObject({ code: 'STORE_OBJECT_IO', context: { store: 's3://b' } })
    objects.close()
  })

  it('two prefixes of one bucket do not see each other', async () => {
    const bucket = server.bucket('shared')
    const [one, two] = ['one', 'two'].map((prefix) => s3Objects({ bucket, prefix, ...server.access }))
    await one?.putIfAbsent('x', bodyOf(Buffer.from('1')))
    expect(await two?.putIfAbsent('x', bodyOf(Buffer.from('2')))).toBe('created')
    expect(one && Buffer.from(await readObject(one, 'x')).toString()).toBe('1')
    one?.close()
    two?.close()
  })
})

it('a directory holds no half file under any name that is listed', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-objects-'))
  const objects = localObjects({ dir })
  await objects.putIfAbsent('a', bodyOf(Buffer.from('x')))
  expect(readdirSync(dir)).toEqual(['a'])
  rmSync(dir, { recursive: true })
})
