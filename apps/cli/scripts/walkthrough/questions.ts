/** One question, how an agent asks our server, and how one with a shell would look for the same. */
export interface Question {
  readonly asked: string
  /** Calls in order; an argument that is a function is made from the answers so far. */
  readonly calls: readonly {
    readonly tool: string
    readonly args: (answers: readonly string[]) => Readonly<Record<string, unknown>>
  }[]
  /** What the answer must say. */
  readonly says: RegExp
  /** Commands over the capture (`$CAPTURE`) and the repository; empty when there is no way. */
  readonly shell: readonly string[]
  /** What the shell's output must say to count as an answer; undefined when no output of these commands is one. */
  readonly shellSays?: RegExp
  /** What the shell's way lacks. */
  readonly note: string
}

const DAY = { since: '2025-12-12', until: '2025-12-13' }

/** First capture group of a pattern in the answers so far. */
const found = (answers: readonly string[], pattern: RegExp): string => pattern.exec(answers.join('\n'))?.[1] ?? ''

const TRADES = `SELECT username, sum(amount) AS sol FROM ws_event WHERE event_name = 'standard/newTrade' AND action = 'buy' GROUP BY 1 ORDER BY 2 DESC LIMIT 3`

/** Ten questions of somebody who works with the recorder and its code. */
export const QUESTIONS: readonly Question[] = [
  {
    asked: 'Which games of 12 December have gaps?',
    calls: [{ tool: 'games_list', args: () => ({ ...DAY, reason: 'gap' }) }],
    says: /"reasons":\["?[^\]]*gap/,
    shell: [
      `grep -n '"event":"disconnect"\\|"event":"connect"' $CAPTURE | cut -c1-120`,
      `sed -n '395,405p' $CAPTURE | grep -o '"gameId":"[^"]*"\\|"tickCount":[0-9]*' | tail -4`,
      `sed -n '405,410p' $CAPTURE | grep -o '"gameId":"[^"]*"\\|"tickCount":[0-9]*' | head -4`,
    ],
    shellSays: /"gameId":"20251212-/,
    note: 'finds the lost connection, and the ticks around it; whether other games are whole stays open',
  },
  {
    asked: 'Was the game with the highest peak of that day fair?',
    calls: [
      { tool: 'games_list', args: () => ({ ...DAY, complete: true }) },
      { tool: 'game_get', args: (answers) => ({ game_id: best(answers) }) },
    ],
    says: /"verdict":"fair"/,
    shell: [`grep -o '"serverSeed":"[0-9a-f]*"' $CAPTURE | sort | uniq -c | head -20`],
    note: 'no way: the path has to be recomputed from the seed',
  },
  {
    asked: 'How high did the games of that day go, and at which tick did each rug?',
    calls: [{ tool: 'games_list', args: () => DAY }],
    says: /"peak":"2\.78[^}]*"rug_tick":90|"rug_tick":90[^}]*/,
    shell: [
      `grep -o '"gameId":"[^"]*"' $CAPTURE | sort | uniq -c`,
      `grep '"rugged":true' $CAPTURE | grep -o '"gameId":"[^"]*"\\|"tickCount":[0-9]*\\|"peakMultiplier":[0-9.]*' | sort | uniq -c | sort -rn | head -40`,
    ],
    shellSays: /"tickCount":90/,
    note: 'peaks of finished games come mixed with those of the history in each frame',
  },
  {
    asked: 'How many events of each kind were recorded?',
    calls: [
      {
        tool: 'events_sql',
        args: () => ({ sql: 'SELECT event_name, count(*) AS n FROM events WHERE packet IS NOT NULL GROUP BY 1 ORDER BY 2 DESC' }),
      },
    ],
    says: /\["gameStateUpdate",\d+\]/,
    shell: [`grep -o '"event":"[^"]*"' $CAPTURE | sort | uniq -c | sort -rn`],
    shellSays: /gameStateUpdate/,
    note: 'as good, as long as there is one file',
  },
  {
    asked: 'What does a trade look like on the wire, and in which unit is its amount?',
    calls: [{ tool: 'events_schema', args: () => ({ event: 'standard/newTrade' }) }],
    says: /SOL/,
    shell: [`grep -m1 'standard/newTrade' $CAPTURE`, 'cat packages/schemas/src/events/new-trade.ts'],
    shellSays: /SOL/,
    note: 'one has to know where the schema stands',
  },
  {
    asked: 'Who put in the most SOL?',
    calls: [{ tool: 'events_sql', args: () => ({ sql: TRADES }) }],
    says: /"rows":\[\["[^"]+",/,
    shell: [
      `grep 'standard/newTrade' $CAPTURE | grep -o '"username":"[^"]*"\\|"type":"[a-z]*"\\|"amount":[0-9.e-]*' | head -300`,
    ],
    note: 'the fields come out of order; adding them up is left to the reader, in doubles',
  },
  {
    asked: 'Why Decimal, and not numbers?',
    calls: [{ tool: 'code_context_search', args: () => ({ text: 'why Decimal for money and prices', k: 4, max_chars: 6_000 }) }],
    says: /Decimal/,
    shell: [
      `grep -rn 'Decimal' --include=CONTEXT.md packages apps docs | head -40`,
      `grep -rln 'Decimal' --include='*.md' docs packages | head -20`,
    ],
    shellSays: /Decimal/,
    note: 'every mention, reasons or not',
  },
  {
    asked: 'What breaks if frame.ts changes?',
    calls: [{ tool: 'code_context_impact', args: () => ({ paths: ['packages/ingest/src/frame.ts'], max_chars: 8_000 }) }],
    says: /packages\/ingest\/src\/translate\.ts/,
    shell: [
      `grep -rn "frame\\.ts'" --include='*.ts' packages apps | grep import | head -60`,
      `grep -rn 'decodeFrame\\|FrameDecoder\\|eventFrameText' --include='*.ts' packages apps | head -60`,
      `grep -rn 'frame.ts' --include=CONTEXT.md packages apps | head -20`,
    ],
    shellSays: /translate\.ts/,
    note: 'other files of that name are among them, and names that a barrel passes on need a second search',
  },
  {
    asked: 'What is packages/ingest/src for, and is what is written about it true?',
    calls: [{ tool: 'code_context_get', args: () => ({ path: 'packages/ingest/src', max_chars: 9_000 }) }],
    says: /"verdict":"VERIFIED"/,
    shell: [
      'cat packages/ingest/src/CONTEXT.md',
      `grep -rhn "from '" --include='*.ts' packages/ingest/src --exclude-dir=sources | grep -v node: | sort | uniq -c | sort -rn | head -60`,
    ],
    note: 'the text is there; whether it is true is left to the reader',
  },
  {
    asked: 'Has anybody seen the socket stall before, and what did they do?',
    calls: [{ tool: 'debug_notes_search', args: () => ({ text: 'socket stalls', k: 3 }) }],
    says: /renew the connection/,
    shell: [`grep -rl 'stall' $DATA | head`],
    note: 'no way: notes are rows of compressed Parquet',
  },
]

/** The game of the highest peak among listed ones. */
function best(answers: readonly string[]): string {
  const games = [...answers.join('\n').matchAll(/"game_id":"([^"]+)"[^}]*?"peak":"([\d.]+)"/g)]
  return games.sort((a, b) => Number(b[2]) - Number(a[2]))[0]?.[1] ?? found(answers, /"game_id":"([^"]+)"/)
}
