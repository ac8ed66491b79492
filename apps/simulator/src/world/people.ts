import type { Stream } from './streams.ts'

/** Address of SOL in bets. */
export const SOL_ADDRESS = 'So11111111111111111111111111111111111111112'
/** Address of the practice token. */
export const PRACTICE_ADDRESS = '0xPractice'
/** What a leaderboard says of somebody who plays with the practice token. */
export const PRACTICE_COIN = {
  address: PRACTICE_ADDRESS,
  ticker: 'FREE',
  name: 'Free Practice Token',
  max_bet: 10_000,
  max_win: 50_000,
  logoURI: '/icons/Icon_Free_Solana.png',
} as const

/** Somebody with a seat or in the crowd. */
export interface Person {
  readonly id: string
  readonly username: string | null
  readonly level: number
  readonly practice: boolean
}

const SYLLABLES = [
  'ba',
  'be',
  'bo',
  'da',
  'do',
  'du',
  'fa',
  'fi',
  'ka',
  'ki',
  'ko',
  'la',
  'le',
  'lo',
  'ma',
  'mi',
  'mo',
  'na',
  'no',
  'ra',
  'ri',
  'ro',
  'sa',
  'so',
  'ta',
  'te',
  'to',
  'zi',
] as const

/** About one player in twenty has no user name. */
export const NAMELESS = 0.046
/** About one in seventy plays with the practice token. */
const PRACTICE = 0.014

/** A made-up player; ids have the shape of real ones. */
export function makePerson(stream: Stream, fixed: Partial<Person> = {}): Person {
  return {
    id: playerIdFrom(stream),
    username: stream.chance(NAMELESS) ? null : makeName(stream),
    level: stream.chance(0.1) ? 0 : stream.integer(1, 90),
    practice: stream.chance(PRACTICE),
    ...fixed,
  }
}

/** `did:privy:cm` and 23 more of `[a-z0-9]`. */
export function playerIdFrom(stream: Stream): string {
  let id = 'did:privy:cm'
  while (id.length < 35) id += stream.integer(0, 35).toString(36)
  return id
}

function makeName(stream: Stream): string {
  let name = ''
  const syllables = stream.integer(2, 4)
  for (let k = 0; k < syllables; k += 1) name += stream.pick(SYLLABLES)
  if (stream.chance(0.7)) name = name.charAt(0).toUpperCase() + name.slice(1)
  return stream.chance(0.2) ? `${name}${stream.integer(1, 99)}` : name
}

/** Things said in chat, some of them hard to store. */
export const CHAT_LINES = [
  'gm',
  'what a chart',
  'told you',
  'sold too early again',
  'dem rinsed???',
  'one more',
  'who sold',
  '🚀🚀',
  'naïve question: why now?',
  'ok 👍',
  'say "hi"',
  'back\\slash',
  '本当に?',
  'two  spaces',
  'null',
  '-0',
  'damn',
  'nice save',
  'that god candle tho',
  '\ue030\uf8cf',
] as const
