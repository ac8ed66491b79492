import { readFileSync } from 'node:fs'
import { VectorsError } from '../errors.ts'

/** One tensor of a safetensors file, in both forms that the model needs. */
export interface Tensor {
  readonly shape: readonly number[]
  /** Half floats as stored. */
  readonly half: Uint16Array
  readonly single: Float32Array
}

const SINGLE_OF_HALF = Float32Array.from({ length: 65_536 }, (_, bits) => {
  const sign = bits >> 15 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 1023
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
})

/** Opens a file of half-float tensors; the function finds them by name. */
export function readSafetensors(path: string): (name: string) => Tensor {
  const file = readFileSync(path)
  const headerBytes = Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.subarray(8, 8 + headerBytes).toString('utf8')) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >
  return (name) => {
    const entry = header[name]
    if (entry?.dtype !== 'F16') {
      throw new VectorsError('VECTORS_MODEL_CORRUPT', `${path} has no half-float tensor ${name}`, { context: { path, name } })
    }
    const bytes = file.subarray(8 + headerBytes + entry.data_offsets[0], 8 + headerBytes + entry.data_offsets[1])
    const half = new Uint16Array(Uint8Array.from(bytes).buffer)
    return { shape: entry.shape, half, single: Float32Array.from(half, (bits) => SINGLE_OF_HALF[bits] ?? 0) }
  }
}
