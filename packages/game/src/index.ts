export { type CollectedGame, createGameCollector, type GameCollector, type GameProvenance } from './collect.ts'
export { GameError, type GameErrorCode } from './errors.ts'
export type { GameRecord, RecordConflict } from './game-record.ts'
export { createGenerator, type Generator } from './generator.ts'
export {
  AMOUNT_LIMITS,
  type AmountLimits,
  COINS,
  type Coin,
  checkAmount,
  checkPercentage,
  type Refusal,
  type RefusalCode,
} from './limits.ts'
export { averageCost, costOf, type Lot, quantityFor, quantityOf, type Sale, sellLots, shareOf } from './lots.ts'
export { floor9, LAMPORT_PLACES, Money, type MoneyInput, money } from './money.ts'
export { isSameNumber, isSameObserved, literalOf, type ObservedNumber, toDouble } from './observed-number.ts'
export {
  GAME_VERSIONS,
  type GameVersion,
  isGameVersion,
  type PriceParameters,
  priceParameters,
  RUG_PROBABILITIES,
} from './parameters.ts'
export { type GodCandle, type PricePath, type PriceStep, type PriceWalk, pricePath, walkPrices } from './price-path.ts'
export { type RegeneratedGame, regenerate } from './regenerate.ts'
export { RUG_FACTOR, rugPrice } from './rug-price.ts'
export type { SeatView } from './seat.ts'
export { generatorSeed, isHex64, serverSeedHash } from './seed.ts'
export { moveShort, openShort, type Short } from './short.ts'
export {
  openSidebet,
  SIDEBET_PLACES,
  SIDEBET_TICKS,
  SIDEBET_TOTAL_RETURN,
  type Sidebet,
  type SidebetResult,
  settleSidebet,
} from './sidebet.ts'
export {
  type LedgerEntry,
  type OrderResult,
  openTable,
  type Table,
  type TablePhase,
  type TickOutcome,
  type Trade,
} from './table.ts'
export {
  type CheckStatus,
  type PriceDifference,
  type TickCheck,
  type ValueCheck,
  type Verdict,
  type Verification,
  verifyGame,
} from './verify.ts'
export type { FaultField, VerificationFault } from './verify-faults.ts'
