/** Field kinds of the wire. Numbers stay JSON numbers here; exact decimals come from the frame's text (see `exactView`). */
import { z } from 'zod'

/** SOL, mostly whole lamports (1e-9); derived values may carry float noise. */
export const money = z.number().meta({ unit: 'SOL', description: 'amount in SOL' })
/** Multiple of the presale price, a double of up to 17 digits. */
export const price = z.number().meta({ unit: 'x', description: 'multiple of the presale price' })
/** Token quantity, at most 9 decimals. */
export const quantity = z.number().meta({ unit: 'tokens', description: 'token quantity' })
/** 43.6 means 43.6 %. */
export const percent = z.number().meta({ unit: '%', description: '43.6 means 43.6 %' })
/** Game step, nominally 250 ms. */
export const tick = z.int().meta({ unit: 'tick', description: 'game step, nominally 250 ms' })
/** Unix time in milliseconds. */
export const unixMs = z.number().meta({ unit: 'ms', description: 'Unix time, milliseconds' })
/** A span in milliseconds. */
export const spanMs = z.number().meta({ unit: 'ms', description: 'span, milliseconds' })
/** ISO-8601 text with `Z`, kept as text. */
export const isoTime = z.string().meta({ description: 'ISO-8601 time' })
/** A whole number of things. */
export const count = z.int()
/** `YYYYMMDD-` and 16 hex digits; the date is the UTC date of creation. */
export const gameId = z.string().meta({ description: 'game id, YYYYMMDD-<16 hex>' })
/** `did:privy:…`. */
export const playerId = z.string().meta({ description: 'player id, did:privy:…' })
/** Display name; null until the player chose one. */
export const username = z.string().nullable().meta({ description: 'display name, null until chosen' })
/** 64 lowercase hex digits. */
export const seed = z.string().meta({ description: '64 hex digits' })
