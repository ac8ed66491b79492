import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explained, firstKeyword, literal, splitStatements, withoutLead } from '../../src/query/sql-text.ts'

describe('splitStatements', () => {
  it.each([
    ['one', 'SELECT 1', ['SELECT 1']],
    ['a trailing semicolon', 'SELECT 1;', ['SELECT 1']],
    ['blanks and comments only', ' -- a\n /* b; /* nested; */ */ ;; ', []],
    ['two', 'SELECT 1; SELECT 2', ['SELECT 1', ' SELECT 2']],
    ['a string', "SELECT ';' ; SELECT 'it''s;'", ["SELECT ';' ", " SELECT 'it''s;'"]],
    ['an escape string', String.raw`SELECT E'\';'`, [String.raw`SELECT E'\';'`]],
    ['a plain string that ends in a backslash', String.raw`SELECT '\'; SELECT 2`, [String.raw`SELECT '\'`, ' SELECT 2']],
    ['a quoted name', 'SELECT ";" FROM "a"";b"', ['SELECT ";" FROM "a"";b"']],
    ['dollar quotes', 'SELECT $$;$$, $a$;$$;$a$', ['SELECT $$;$$, $a$;$$;$a$']],
    ['a parameter is no dollar quote', 'SELECT $1; SELECT $1', ['SELECT $1', ' SELECT $1']],
    ['a line comment', 'SELECT 1 -- ;\n, 2', ['SELECT 1 -- ;\n, 2']],
    ['a string that never ends', "SELECT ';", ["SELECT ';"]],
  ])('%s', (_name, text, expected) => expect(splitStatements(text)).toEqual(expected))

  it('never cuts inside a literal, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const statement = `SELECT ${literal(text)} AS a`
        expect(splitStatements(`${statement};`)).toEqual([statement])
      }),
    )
  })

  it('loses no text but semicolons and comments', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9 ;]{0,40}$/), (text) => {
        expect(splitStatements(text).join(' ').replace(/[; ]/g, '')).toBe(text.replace(/[; ]/g, ''))
      }),
    )
  })
})

describe('explained', () => {
  it.each([
    ['EXPLAIN SELECT 1', 'EXPLAIN', ' SELECT 1'],
    ['-- why\nexplain analyze SELECT 1', 'explain analyze', ' SELECT 1'],
    ['EXPLAIN (FORMAT json) SELECT 1', 'EXPLAIN (FORMAT json)', ' SELECT 1'],
    ['EXPLAIN (ANALYZE, FORMAT json) SELECT 1', 'EXPLAIN (ANALYZE, FORMAT json)', ' SELECT 1'],
    ['EXPLAIN(SELECT 1)', 'EXPLAIN', '(SELECT 1)'],
  ])('%s', (text, prefix, inner) => expect(explained(text)).toEqual({ prefix, inner }))

  it('leaves other statements alone', () => expect(explained('SELECT 1 AS explain')).toBeUndefined())
})

it('finds the first word behind comments', () => {
  expect(firstKeyword(' /* a */ -- b\n copy x TO y')).toBe('COPY')
  expect(firstKeyword('(SELECT 1)')).toBe('')
  expect(withoutLead('/* open')).toBe('')
})
