import { createHash } from 'node:crypto'

const HEX_64 = /^[0-9a-f]{64}$/

/** Whether `text` has the shape of a server seed or of its hash: 64 lowercase hex digits. */
export function isHex64(text: unknown): text is string {
  return typeof text === 'string' && HEX_64.test(text)
}

/**
 * The commitment the server publishes before a game: SHA-256 of the seed **as its ASCII hex text**, lowercase hex.
 *
 * Hashing the 32 decoded bytes instead gives another value for every game.
 *
 * @see domain reference, section 8.1 (56 of 56 games)
 */
export function serverSeedHash(serverSeed: string): string {
  return createHash('sha256').update(serverSeed, 'ascii').digest('hex')
}

/** What the generator is seeded with. */
export function generatorSeed(serverSeed: string, gameId: string): string {
  return `${serverSeed}-${gameId}`
}
