import fc from 'fast-check'

/** Number literals of JSON's grammar, long ones and odd ones too. */
export const numberLiteral: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '-0.0',
    '1.10',
    '1.0',
    '7.6432e-05',
    '1E400',
    '1e+2',
    '9007199254740993',
    '0.12345678901234568',
    '0.1234567890123456789',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9][0-9]{0,40}$/)),
      fc.option(fc.stringMatching(/^[0-9]{1,70}$/), { nil: undefined }),
      fc.option(fc.stringMatching(/^[eE][+-]?[0-9]{1,3}$/), { nil: undefined }),
    )
    .map(
      ([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent ?? ''}`,
    ),
)

/** Keys that have bitten JSON libraries, and a few that repeat. */
export const key: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'pnl',
    'price',
    '0',
    '7',
    '__proto__',
    'constructor',
    'toString',
    '',
    'a"b',
    'a\\',
    '\u0000',
    'é',
    '\ud800',
    'price":1,"',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

const space = fc.constantFrom('', '', '', ' ', '\n', '\t ', '\r\n')

/** A string as JSON text, at times with needless escapes. */
export const stringToken: fc.Arbitrary<string> = fc.tuple(key, fc.boolean()).map(([text, escaped]) =>
  escaped
    ? `"${[...text]
        .map((char) =>
          char
            .split('')
            .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
            .join(''),
        )
        .join('')}"`
    : JSON.stringify(text),
)

/** JSON text: long numbers, duplicate and escaped keys, white space. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  array: fc
    .tuple(space, fc.array(fc.tuple(tie('value'), space), { maxLength: 5 }))
    .map(([head, items]) => `[${head}${items.map(([value, tail]) => value + tail).join(',')}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(space, stringToken, space, space, tie('value'), space), { maxLength: 6 }))
    .map(([head, items]) => `{${head}${items.map(([a, name, b, c, value, d]) => `${a}${name}${b}:${c}${value}${d}`).join(',')}}`),
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'json' },
    numberLiteral,
    fc.constantFrom('true', 'false', 'null'),
    stringToken,
    tie('array'),
    tie('object'),
  ),
})).value
