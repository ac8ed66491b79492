import { createCipheriv } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, type ObjectBody, type ObjectStore, readObject, sha256Of } from '../../src/objects/object-store.ts'

/** One implementation of the port. */
export interface ObjectsUnderTest {
  readonly name: string
  /** An empty store; each call another one. Disposing of it removes what it left. */
  readonly open: () => Promise<{ readonly objects: ObjectStore; readonly again: () => ObjectStore } & AsyncDisposable>
}

/** Bytes that cannot be compressed, the same for the same seed. */
function noise(size: number, seed: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size))
}

/** Content of many pieces, none of them of a convenient size. */
function pieces(bytes: Buffer, size = 1_000_003): ObjectBody {
  return {
    size: bytes.byteLength,
    sha256: sha256Of(bytes),
    *pieces() {
      const buffer = Buffer.allocUnsafe(size)
      for (let at = 0; at < bytes.byteLength; at += size) {
        const copied = bytes.copy(buffer, 0, at, at + size)
        yield buffer.subarray(0, copied)
      }
    },
  }
}

async function keys(objects: ObjectStore, prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of objects.list(prefix)) found.push(key)
  return found
}

/** The one suite of every object store. */
export function objectConformance({ name, open }: ObjectsUnderTest): void {
  describe(`${name} as an object store`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let objects: ObjectStore

    beforeAll(async () => {
      opened = await open()
      objects = opened.objects
    })

    afterAll(async () => {
      objects.close()
      await opened[Symbol.asyncDispose]()
    })

    it('gives back what was put, byte for byte, and says what it is', async () => {
      const bytes = noise(70_000, 1)
      expect(await objects.putIfAbsent('a/b/part-1.parquet', bodyOf(bytes))).toBe('created')
      expect(Buffer.compare(await readObject(objects, 'a/b/part-1.parquet'), bytes)).toBe(0)
      const info = await objects.stat('a/b/part-1.parquet')
      expect(info).toMatchObject({ key: 'a/b/part-1.parquet', size: 70_000 })
      expect([null, sha256Of(bytes)]).toContain(info?.sha256)
      // Another client sees the same.
      expect(Buffer.compare(await readObject(opened.again(), 'a/b/part-1.parquet'), bytes)).toBe(0)
    })

    it('holds an empty object, and odd names', async () => {
      for (const key of ['empty', "o'dd/name with blanks & +%.json", 'ünï/☃']) {
        expect(await objects.putIfAbsent(key, bodyOf(new Uint8Array()))).toBe('created')
        expect(await readObject(objects, key)).toHaveLength(0)
        expect(await keys(objects, key)).toEqual([key])
        await objects.delete(key)
      }
    })

    it('never replaces an object', async () => {
      const first = Buffer.from('first')
      expect(await objects.putIfAbsent('once', bodyOf(first))).toBe('created')
      expect(await objects.putIfAbsent('once', bodyOf(Buffer.from('second')))).toBe('exists')
      expect(await objects.putIfAbsent('once', bodyOf(first))).toBe('exists')
      expect(await readObject(objects, 'once')).toEqual(first)
    })

    it('of many puts at the same time one wins, and its content stays', async () => {
      const stores = Array.from({ length: 8 }, () => opened.again())
      const bodies = stores.map((_, index) => noise(50_000, 100 + index))
      const results = await Promise.all(
        stores.map((store, index) => store.putIfAbsent('race', bodyOf(bodies[index] ?? Buffer.alloc(0)))),
      )
      expect(results.filter((result) => result === 'created')).toHaveLength(1)
      const winner = bodies[results.indexOf('created')]
      expect(Buffer.compare(await readObject(objects, 'race'), winner ?? Buffer.alloc(0))).toBe(0)
      for (const store of stores) store.close()
    })

    it('stores large objects in parts, and of two at the same time one wins', async () => {
      // More than three parts of 5 MiB, the last one short.
      const [one, two] = [noise(17_000_001, 7), noise(16_000_000, 8)]
      const results = await Promise.all([
        objects.putIfAbsent('large', pieces(one)),
        opened.again().putIfAbsent('large', pieces(two)),
      ])
      expect(results.toSorted()).toEqual(['created', 'exists'])
      const winner = results[0] === 'created' ? one : two
      expect(Buffer.compare(await readObject(objects, 'large'), winner)).toBe(0)
      expect(await objects.stat('large')).toMatchObject({ size: winner.byteLength })
      expect(await objects.putIfAbsent('large', pieces(two))).toBe('exists')
    }, 60_000)

    it('reads ranges: both ends inclusive, cut off at the end', async () => {
      const bytes = noise(3_000_000, 9)
      await objects.putIfAbsent('ranges', bodyOf(bytes))
      const range = async (start: number, end: number) => readObject(objects, 'ranges', { range: { start, end } })
      for (const [start, end] of [
        [0, 0],
        [0, 99],
        [1_048_575, 1_048_577],
        [2_999_999, 2_999_999],
        [2_999_990, 9_999_999],
        [0, 2_999_999],
      ] as const)
        expect(Buffer.compare(await range(start, end), bytes.subarray(start, end + 1))).toBe(0)
      expect(await range(3_000_000, 3_000_010)).toHaveLength(0)
      for (const [start, end] of [
        [-1, 3],
        [5, 4],
        [0.5, 2],
      ] as const)
        await expect(range(start, end)).rejects.toBeInstanceOf(TypeError)
    })

    it('makes nothing of content that is not what its checksum says', async () => {
      const wrong = { ...bodyOf(Buffer.from('changed on the way')), sha256: sha256Of(Buffer.from('as it was')) }
      await expect(objects.putIfAbsent('corrupt/small', wrong)).rejects.toMatchObject({ code: 'STORE_OBJECT_CORRUPT' })
      const large = noise(11_000_000, 10)
      await expect(objects.putIfAbsent('corrupt/large', { ...pieces(large), sha256: 'x' })).rejects.toMatchObject({
        code: 'STORE_OBJECT_CORRUPT',
      })
      // Cut short, or longer than announced.
      const announced = { size: 100, sha256: sha256Of(Buffer.alloc(100)) }
      for (const size of [99, 101]) {
        const body = { ...announced, pieces: () => [Buffer.alloc(size)] }
        await expect(objects.putIfAbsent('corrupt/size', body)).rejects.toMatchObject({ code: 'STORE_OBJECT_CORRUPT' })
      }
      expect(await keys(objects, 'corrupt/')).toEqual([])
    })

    it('a reading that fails half-way leaves nothing', async () => {
      const body: ObjectBody = {
        size: 12_000_000,
        sha256: 'x',
        *pieces() {
          yield Buffer.alloc(6_000_000)
          throw new Error('the disk failed')
        },
      }
      await expect(objects.putIfAbsent('broken', body)).rejects.toThrow('the disk failed')
      expect(await objects.stat('broken')).toBeUndefined()
      expect(await objects.putIfAbsent('broken', bodyOf(Buffer.from('whole')))).toBe('created')
    })

    it('lists by key in byte order, however many there are', async () => {
      const wanted = ['list/a/1', 'list/a-b', 'list/Z', 'list/é', 'list/😀', 'list/a.b', 'list/b']
      for (const key of wanted) await objects.putIfAbsent(key, bodyOf(Buffer.from(key)))
      const ordered = wanted.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(await keys(objects, 'list/')).toEqual(ordered)
      expect(await keys(objects, 'list/a')).toEqual(ordered.filter((key) => key.startsWith('list/a')))
      expect(await keys(objects, 'nothing/')).toEqual([])
      for await (const { key, size } of objects.list('list/b')) expect([key, size]).toEqual(['list/b', 6])
    })

    it('lists more than a page', async () => {
      const many = Array.from({ length: 1_050 }, (_, index) => `many/${String(index).padStart(5, '0')}`)
      for (let at = 0; at < many.length; at += 50)
        await Promise.all(many.slice(at, at + 50).map((key) => objects.putIfAbsent(key, bodyOf(new Uint8Array()))))
      expect(await keys(objects, 'many/')).toEqual(many)
    }, 60_000)

    it('deletes, twice if need be', async () => {
      await objects.putIfAbsent('gone', bodyOf(Buffer.from('x')))
      await objects.delete('gone')
      await objects.delete('gone')
      expect(await objects.stat('gone')).toBeUndefined()
      expect(await keys(objects, 'gone')).toEqual([])
      expect(await objects.putIfAbsent('gone', bodyOf(Buffer.from('y')))).toBe('created')
    })

    it('says that an object is missing', async () => {
      await expect(readObject(objects, 'no/such')).rejects.toMatchObject({
        code: 'STORE_OBJECT_MISSING',
        context: { key: 'no/such' },
      })
      expect(await objects.stat('no/such')).toBeUndefined()
    })

    it.each(['', '/a', 'a/', '../a', 'a/../b', 'a//b', './a', 'a\\b', 'a\0b', 'a\nb'])('takes no key like %j', async (key) => {
      await expect(objects.putIfAbsent(key, bodyOf(new Uint8Array()))).rejects.toBeInstanceOf(TypeError)
      await expect(readObject(objects, key)).rejects.toBeInstanceOf(TypeError)
      await expect(objects.delete(key)).rejects.toBeInstanceOf(TypeError)
    })

    it('stops on the signal', async () => {
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(readObject(objects, 'once', { signal })).rejects.toThrow('enough')
      await expect(objects.putIfAbsent('stopped', pieces(noise(6_000_000, 11)), { signal })).rejects.toThrow('enough')
      expect(await objects.stat('stopped')).toBeUndefined()
    })
  })
}
