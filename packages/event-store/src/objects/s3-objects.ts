import { createHash } from 'node:crypto'
import type { GetObjectCommandOutput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { EventStoreError } from '../errors.ts'
import {
  checkedKey,
  checkedRange,
  corruptObject,
  missingObject,
  type ObjectBody,
  type ObjectCall,
  type ObjectStore,
} from './object-store.ts'

/** Options of {@link s3Objects}. Credentials and region come from where the AWS SDK looks: environment, profile, instance. */
export interface S3ObjectsOptions {
  readonly bucket: string
  /** In front of every key, without slashes at its ends; default none. */
  readonly prefix?: string
  /** Of another service than Amazon's; its buckets are addressed by path. */
  readonly endpoint?: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
  /** Objects above this go up in parts of it, one part in memory at a time; default 8 MiB, at least 5 MiB (S3's own bound). */
  readonly partBytes?: number
  /** Tries of each request, default 4. */
  readonly maxAttempts?: number
}

type Sdk = typeof import('@aws-sdk/client-s3')

const MIN_PART = 5 * 2 ** 20
/** S3 allows 10,000 parts of an object. */
const MAX_PARTS = 10_000
/** How often a put is tried again while another one of the same key is under way. */
const CONFLICT_TRIES = 5

interface HttpFault {
  readonly name?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const statusOf = (error: unknown): number | undefined => (error as HttpFault | null)?.$metadata?.httpStatusCode

/** The SDK, which not every user needs: it is an optional peer. */
async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (error) {
    throw new EventStoreError(
      'STORE_OBJECT_UNSUPPORTED',
      'S3 needs the package @aws-sdk/client-s3; run: npm install @aws-sdk/client-s3',
      {
        cause: error,
      },
    )
  }
}

/** Pieces gathered to parts of one size, each a buffer of its own. */
function* partsOf(body: ObjectBody, size: number): Generator<Uint8Array> {
  let part = Buffer.allocUnsafe(Math.min(size, body.size))
  let filled = 0
  for (const piece of body.pieces()) {
    for (let at = 0; at < piece.byteLength; ) {
      const room = Math.min(part.byteLength - filled, piece.byteLength - at)
      // More than was announced: enough to fail the checksum.
      if (room === 0 && filled < size) return
      part.set(piece.subarray(at, at + room), filled)
      filled += room
      at += room
      if (filled === size) {
        yield part
        part = Buffer.allocUnsafe(size)
        filled = 0
      }
    }
  }
  if (filled > 0) yield part.subarray(0, filled)
}

/**
 * A bucket as an {@link ObjectStore}. Needs a service with conditional writes (`If-None-Match: *`: Amazon S3, versitygw, MinIO, R2, Ceph).
 *
 * The SDK is loaded with the first call. Every object carries its SHA-256 as metadata; single puts are verified by the service.
 */
export function s3Objects(options: S3ObjectsOptions): ObjectStore {
  const { bucket, prefix = '', endpoint, region = 'us-east-1', credentials, maxAttempts = 4 } = options
  const partBytes = Math.max(MIN_PART, options.partBytes ?? 8 * 2 ** 20)
  const name = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`
  const lead = prefix === '' ? '' : `${prefix.replaceAll(/^\/+|\/+$/g, '')}/`
  let opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined

  const open = async () => {
    const sdk = await loadSdk()
    const config: S3ClientConfig = {
      maxAttempts,
      region,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(credentials === undefined ? {} : { credentials }),
    }
    return { sdk, client: new sdk.S3Client(config) }
  }
  const use = () => {
    opened ??= open()
    return opened
  }
  const fault = (error: unknown, what: string, key: string, signal: AbortSignal | undefined): unknown => {
    if (signal?.aborted) return signal.reason
    if (error instanceof EventStoreError) return error
    const status = statusOf(error)
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const context = { store: name, key, status: status ?? null }
    if (status === 501)
      return new EventStoreError('STORE_OBJECT_UNSUPPORTED', `${name} cannot ${what} as asked (${detail})`, {
        cause: error,
        context,
      })
    const hint = status === 403 ? '; check the credentials and their rights' : ''
    return new EventStoreError('STORE_OBJECT_IO', `could not ${what} ${key} in ${name} (${detail})${hint}`, {
      cause: error,
      context,
    })
  }
  const abortOf = ({ signal }: ObjectCall) => (signal === undefined ? {} : { abortSignal: signal })

  const putWhole = async (key: string, body: ObjectBody, call: ObjectCall): Promise<void> => {
    const { sdk, client } = await use()
    const bytes = Buffer.concat([...partsOf(body, Math.max(1, body.size))])
    const digest = createHash('sha256').update(bytes).digest()
    if (digest.toString('hex') !== body.sha256) throw corruptObject(key, body.sha256, digest.toString('hex'))
    const command = new sdk.PutObjectCommand({
      Bucket: bucket,
      Key: lead + key,
      Body: bytes,
      ContentLength: bytes.byteLength,
      ChecksumSHA256: digest.toString('base64'),
      IfNoneMatch: '*',
      Metadata: { sha256: body.sha256 },
    })
    await client.send(command, abortOf(call))
  }

  const putParts = async (key: string, body: ObjectBody, call: ObjectCall): Promise<void> => {
    const { sdk, client } = await use()
    const at = { Bucket: bucket, Key: lead + key }
    const { UploadId } = await client.send(
      new sdk.CreateMultipartUploadCommand({ ...at, Metadata: { sha256: body.sha256 } }),
      abortOf(call),
    )
    try {
      const hash = createHash('sha256')
      const Parts: { ETag: string | undefined; PartNumber: number }[] = []
      const size = Math.max(partBytes, Math.ceil(body.size / MAX_PARTS))
      for (const part of partsOf(body, size)) {
        hash.update(part)
        const PartNumber = Parts.length + 1
        const ContentLength = part.byteLength
        const command = new sdk.UploadPartCommand({ ...at, UploadId, PartNumber, Body: part, ContentLength })
        Parts.push({ ETag: (await client.send(command, abortOf(call))).ETag, PartNumber })
      }
      const found = hash.digest('hex')
      if (found !== body.sha256) throw corruptObject(key, body.sha256, found)
      const command = new sdk.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts }, IfNoneMatch: '*' })
      await client.send(command, abortOf(call))
    } catch (error) {
      await client.send(new sdk.AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => undefined)
      throw error
    }
  }

  const stat: ObjectStore['stat'] = async (key, call = {}) => {
    checkedKey(key)
    try {
      const { sdk, client } = await use()
      const found = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: lead + key }), abortOf(call))
      return { key, size: found.ContentLength ?? 0, sha256: found.Metadata?.['sha256'] ?? null }
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw fault(error, 'look at', key, call.signal)
    }
  }

  return {
    name,
    stat,
    async *list(start, call = {}) {
      let token: string | undefined
      do {
        const { sdk, client } = await use()
        const page = await client
          .send(
            new sdk.ListObjectsV2Command({
              Bucket: bucket,
              Prefix: lead + start,
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
            abortOf(call),
          )
          .catch((error: unknown) => {
            throw fault(error, 'list', start, call.signal)
          })
        for (const { Key = '', Size = 0 } of page.Contents ?? []) yield { key: Key.slice(lead.length), size: Size }
        token = page.NextContinuationToken
      } while (token !== undefined)
    },
    async *read(key, { range, ...call } = {}) {
      checkedKey(key)
      const bounds = checkedRange(range)
      const Range = bounds === undefined ? {} : { Range: `bytes=${bounds.start}-${bounds.end}` }
      let body: GetObjectCommandOutput['Body']
      try {
        const { sdk, client } = await use()
        body = (await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: lead + key, ...Range }), abortOf(call))).Body
      } catch (error) {
        // Nothing lies behind the end.
        if (statusOf(error) === 416) return
        throw statusOf(error) === 404 ? missingObject(name, key, error) : fault(error, 'read', key, call.signal)
      }
      try {
        for await (const piece of body as AsyncIterable<Uint8Array>) yield piece
      } catch (error) {
        throw fault(error, 'read', key, call.signal)
      }
    },
    async putIfAbsent(key, body, call = {}) {
      checkedKey(key)
      for (let attempt = 1; ; attempt++) {
        if ((await stat(key, call)) !== undefined) return 'exists'
        try {
          await (body.size > partBytes ? putParts : putWhole)(key, body, call)
          return 'created'
        } catch (error) {
          if (statusOf(error) === 412) return 'exists'
          // Another put of this key is under way: it will be there, or fail.
          if (statusOf(error) !== 409 || attempt >= CONFLICT_TRIES) throw fault(error, 'write', key, call.signal)
        }
      }
    },
    async delete(key, call = {}) {
      checkedKey(key)
      try {
        const { sdk, client } = await use()
        await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: lead + key }), abortOf(call))
      } catch (error) {
        if (statusOf(error) !== 404) throw fault(error, 'delete', key, call.signal)
      }
    },
    close() {
      opened?.then(({ client }) => client.destroy()).catch(() => undefined)
      opened = undefined
    },
  }
}
