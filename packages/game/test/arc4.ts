/**
 * The generator again, from its written description alone (RC4 key schedule with a smeared key, 256 bytes thrown away, 52-bit doubles).
 * Shares nothing with `seedrandom`, so agreement between the two proves the description.
 */
export function arc4(seed: string): () => number {
  const key: number[] = []
  let smear = 0
  for (let j = 0; j < seed.length; j += 1) {
    smear ^= (key[j & 255] ?? 0) * 19
    key[j & 255] = 255 & (smear + seed.charCodeAt(j))
  }
  const state = Array.from({ length: 256 }, (_, index) => index)
  let j = 0
  for (let i = 0; i < 256; i += 1) {
    j = (j + state[i]! + key[i % key.length]!) & 255
    ;[state[i], state[j]] = [state[j]!, state[i]!]
  }
  let [a, b] = [0, 0]
  const byte = (): number => {
    a = (a + 1) & 255
    b = (b + state[a]!) & 255
    ;[state[a], state[b]] = [state[b]!, state[a]!]
    return state[(state[a]! + state[b]!) & 255]!
  }
  for (let i = 0; i < 256; i += 1) byte()
  return () => {
    let n = 0
    for (let i = 0; i < 6; i += 1) n = n * 256 + byte()
    let [d, x] = [2 ** 48, 0]
    while (n < 2 ** 52) {
      n = (n + x) * 256
      d *= 256
      x = byte()
    }
    while (n >= 2 ** 53) {
      n /= 2
      d /= 2
      x >>>= 1
    }
    return (n + x) / d
  }
}
