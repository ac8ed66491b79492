import { SimulatorError } from '../errors.ts'

/** Shapes of the protocol by time. */
export const ERAS = ['aug2025', 'dec2025', 'feb2026'] as const
export type Era = (typeof ERAS)[number]

/** What an era's frames look like. */
export interface EraShape {
  readonly era: Era
  /** A trace argument before the payload of most events. */
  readonly traced: boolean
  /** Every frame carries all prices and `trades: []`; later a window of five. */
  readonly fullPrices: boolean
  /** Finished games, records and god candles carry their price paths; later only id and seed. */
  readonly pathsInHistory: boolean
  /** Shorts and leverage appear. */
  readonly shorts: boolean
  /** Trades carry user name, level, leverage and portions, and uuids; before, a counter. */
  readonly richTrades: boolean
  /** Presale buys are broadcast when they happen; later at the start of the game. */
  readonly presaleTrades: boolean
  /** First simulated moment of a seeded simulation. */
  readonly startAt: number
}

const SHAPES: Readonly<Record<Era, EraShape>> = {
  aug2025: {
    era: 'aug2025',
    traced: false,
    fullPrices: true,
    pathsInHistory: true,
    shorts: false,
    richTrades: false,
    presaleTrades: true,
    startAt: Date.UTC(2025, 7, 15, 12),
  },
  dec2025: {
    era: 'dec2025',
    traced: true,
    fullPrices: false,
    pathsInHistory: true,
    shorts: false,
    richTrades: true,
    presaleTrades: false,
    startAt: Date.UTC(2025, 11, 15, 12),
  },
  feb2026: {
    era: 'feb2026',
    traced: true,
    fullPrices: false,
    pathsInHistory: false,
    shorts: true,
    richTrades: true,
    presaleTrades: false,
    startAt: Date.UTC(2026, 1, 6, 12),
  },
}

/**
 * The shape of an era.
 *
 * @throws SimulatorError `SIM_OPTION` for a name that is none
 */
export function eraShape(name: string): EraShape {
  const era = ERAS.find((known) => known === name)
  if (era === undefined)
    throw new SimulatorError('SIM_OPTION', `no era ${JSON.stringify(name)}: choose ${ERAS.join(', ')}`, {
      context: { era: name },
    })
  return SHAPES[era]
}
