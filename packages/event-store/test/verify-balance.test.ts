import { expect, it } from 'vitest'
import { openSheet } from '../src/verify-balance.ts'

const line = { in: 10, stored: 8, duplicates: 1, quarantined: 1, unstored: 0 }
const summary = { framesIn: 10, stored: 8, duplicates: 1, quarantined: 1, unstored: 0, systemRows: 3, byEvent: { a: line } }

it.each([
  ['closed', summary, 11, 0, []],
  ['closed, the store declared a gap of its own', summary, 13, 2, []],
  ['closed, some held already by an earlier run', { ...summary, stored: 5, duplicates: 4, byEvent: {} }, 11, 0, []],
  ['no sheet', { framesIn: 10 }, 99, 0, []],
  ['no summary', null, 99, 0, []],
  ['text', 'done', 99, 0, []],
  ['one frame nowhere', { ...summary, framesIn: 11 }, 11, 0, ['11 frames came in, 10 are accounted for']],
  [
    'one frame of an event nowhere',
    { ...summary, byEvent: { a: { ...line, in: 11 } } },
    11,
    0,
    ['11 of a came in, 10 are accounted for'],
  ],
  ['rows missing', summary, 7, 0, ['the sheet says 8 were stored, there are 7 rows']],
  ['rows too many', summary, 13, 0, ['there are 13 rows, the sheet knows of 12']],
])('P9: %s', (_name, given, rows, own, open) => expect(openSheet({ summary: given }, rows, own)).toEqual(open))
