import { EVENTS, type EventDefinition } from '@vectra/schemas'
import type { EventDocument } from './document.ts'
import { markdownBlocks, markdownSections, plainMarkdown, rowCells } from './markdown.ts'

const NAMES = Object.keys(EVENTS).sort((a, b) => b.length - a.length)

/** The event that a heading is about, e.g. `5.1 playerUpdate`. */
function eventIn(text: string): string | undefined {
  return NAMES.find((name) => new RegExp(`(?<![\\w/])${name}(?![\\w/])`).test(text))
}

/**
 * The documents of one page about the protocol: its sections, and the rows of its tables with the heading of their columns.
 *
 * @param path of the page, relative to the repository
 */
export function protocolDocuments(path: string, text: string): EventDocument[] {
  const documents: EventDocument[] = []
  const used = new Map<string, number>()
  for (const section of markdownSections(text)) {
    const base = section.headings.join('/').slice(0, 100)
    const count = (used.get(base) ?? 0) + 1
    used.set(base, count)
    const eventName = eventIn(section.headings.slice(1).join(' '))
    documents.push({
      table: 'events',
      kind: 'protocol',
      id: count === 1 ? base : `${base}:${count}`,
      headings: [path, ...section.headings],
      body: sectionText(section),
      path,
      ...(eventName === undefined ? {} : { eventName }),
    })
  }
  return documents
}

/** Tables read as sentences: `field: cash; type: number`. */
function sectionText(section: { readonly body: string; readonly line: number }): string {
  let columns: string[] | undefined
  const lines: string[] = []
  for (const block of markdownBlocks(section)) {
    if (block.type !== 'row') {
      columns = undefined
      lines.push(plainMarkdown(block.text))
      continue
    }
    const cells = rowCells(block.text).map(plainMarkdown)
    if (columns === undefined) columns = cells
    else
      lines.push(
        cells.flatMap((cell, at) => (cell === '' ? [] : [at === 0 ? cell : `${columns?.[at] ?? ''} ${cell}`])).join('; '),
      )
  }
  return lines.join('\n')
}

interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly unit?: string
}

/** What each event is about, in the words people ask with. Names alone do not say it. */
const ABOUT: Readonly<Record<string, string>> = {
  gameStateUpdate: 'main broadcast of the running game: price, tick, phase, leaderboard, cooldown timer, rug',
  playerUpdate: "the player's own balance update: cash in the wallet, position, average cost, profit and loss, level, crates",
  gameStatePlayerUpdate: "the player's own leaderboard entry during a game: position, unrealised profit and loss",
  usernameStatus: 'who the logged-in player is: id and user name',
  playerLeaderboardPosition: "answer with the player's rank on the leaderboard",
  currentSidebet: "the player's own running sidebet",
  currentSidebetResult: "how the player's own sidebet ended: win or loss, payout, profit",
  'standard/newTrade': 'a trade of any player: buy, sell, short, amount in SOL, price, leverage',
  newTrade: 'a trade of any player, under its older name',
  newSideBet: 'a sidebet of another player',
  newChatMessage: 'a chat message: who said what',
  buyOrder: 'request to buy tokens for an amount of SOL',
  sellOrder: 'request to sell a percentage of the position',
  requestSidebet: 'request to place a sidebet that the game rugs within 40 ticks',
  authenticate: 'login of the player on the socket',
  goldenHourUpdate: 'schedule and state of the golden hour prize draws',
  goldenHourDrawing: 'result of a golden hour draw: entries, winner, prize',
  rugRoyaleUpdate: 'state of the rug royale tournament: leaderboard, prizes, history',
  maintenanceUpdate: 'the server announces maintenance',
  ping: 'heartbeat of the client, answered by an empty ack',
}

/** One document about an event's schema: what it is, who sends it, its fields. */
export function schemaDocument(definition: EventDefinition): EventDocument {
  const { name, direction, auth, traced, projection, evidence } = definition
  const schema = definition.schema.toJSONSchema({ io: 'input', unrepresentable: 'any' }) as JsonSchema
  const way =
    direction === 'sent'
      ? 'sent by the client'
      : direction === 'both'
        ? 'request and answer under one name'
        : 'sent by the server'
  const about = ABOUT[name]
  const body = [
    `${name}${about === undefined ? '' : `: ${about}`}.`,
    `Event ${way}${auth ? ', only when logged in' : ', public'}${traced ? ', with a trace argument' : ''}; known as ${evidence}.`,
    projection === null ? '' : `Also stored as a ${projection} row with typed columns.`,
    fieldLines(schema).join('\n'),
  ]
  return {
    table: 'events',
    kind: 'schema',
    id: 'schema',
    headings: ['event schemas', name],
    body: body.filter((part) => part !== '').join('\n'),
    eventName: name,
  }
}

function fieldLines(schema: JsonSchema): string[] {
  const object = schema.properties === undefined ? schema.anyOf?.find((option) => option.properties !== undefined) : schema
  return Object.entries(object?.properties ?? {}).map(([name, field]) => {
    const needed = object?.required?.includes(name) === true ? '' : ' (optional)'
    const unit = field.unit === undefined ? '' : `, ${field.unit}`
    const about = field.description === undefined ? '' : ` - ${field.description}`
    return `field ${name}: ${typeName(field)}${unit}${needed}${about}`
  })
}

function typeName(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeName))].join(' or ')
  if (schema.items !== undefined) return `list of ${typeName(schema.items)}`
  const { type } = schema
  return typeof type === 'string' ? type : (type?.join(' or ') ?? 'anything')
}
