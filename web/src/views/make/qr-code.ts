// A QR code (ISO/IEC 18004): bytes, error correction M, versions 1 to 16, which is as much as the longest address takes.
// A library brings all modes and levels, which is a twentieth of everything that the browser has to load.

/** Rows of modules; true is dark. */
export type Modules = readonly (readonly boolean[])[]

/** Error correction of level M by version: its codewords in each block, and the number of blocks (table 9). */
const ECC = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28]
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10]

/** Condition under which a module is turned over, by the number of the mask (table 10). */
const MASKS: readonly ((x: number, y: number) => number)[] = [
  (x, y) => (x + y) % 2,
  (_, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
]

/** The code with the mask that is read best; undefined for a text that is too long. */
export function encodeQr(text: string): Modules | undefined {
  const codes = MASKS.map((_, mask) => encodeMasked(text, mask)).filter((code) => code !== undefined)
  return codes.toSorted((one, other) => penaltyOf(one) - penaltyOf(other))[0]
}

/** The code with this mask, 0 to 7. */
export function encodeMasked(text: string, mask: number): Modules | undefined {
  const bytes = new TextEncoder().encode(text)
  const version = ECC.findIndex((_, at) => 4 + lengthBits(at + 1) + bytes.length * 8 <= room(at + 1) * 8) + 1
  return version === 0 ? undefined : drawn(version, withCorrection(version, packed(bytes, version)), mask)
}

const lengthBits = (version: number) => (version < 10 ? 8 : 16)
const alignments = (version: number) => (version === 1 ? 0 : Math.floor(version / 7) + 2)

/** Codewords of a version, those of its error correction included. */
function allCodewords(version: number): number {
  const count = alignments(version)
  const patterns = count === 0 ? 0 : (25 * count - 10) * count - 55 + (version < 7 ? 0 : 36)
  return Math.floor(((16 * version + 128) * version + 64 - patterns) / 8)
}

/** Codewords that are left for data. */
function room(version: number): number {
  return allCodewords(version) - (ECC[version - 1] ?? 0) * (BLOCKS[version - 1] ?? 0)
}

/** Mode, length, bytes, terminator, padding. */
function packed(bytes: Uint8Array, version: number): number[] {
  const binary = (value: number, length: number) => value.toString(2).padStart(length, '0')
  const bits = `0100${binary(bytes.length, lengthBits(version))}${[...bytes].map((byte) => binary(byte, 8)).join('')}0000`
  const codewords = (bits.slice(0, room(version) * 8).match(/.{1,8}/g) ?? []).map((word) =>
    Number.parseInt(word.padEnd(8, '0'), 2),
  )
  for (let pad = 0xec; codewords.length < room(version); pad ^= 0xec ^ 0x11) codewords.push(pad)
  return codewords
}

/** The blocks with their error correction, woven into each other. */
function withCorrection(version: number, data: readonly number[]): number[] {
  const [ecc, count, all] = [ECC[version - 1] ?? 0, BLOCKS[version - 1] ?? 1, allCodewords(version)]
  const divisor = divisorOf(ecc)
  const [parts, checks]: [number[][], number[][]] = [[], []]
  for (let block = 0, at = 0; block < count; block++) {
    const length = Math.floor(all / count) - ecc + (block < count - (all % count) ? 0 : 1)
    const part = data.slice(at, at + length)
    at += length
    parts.push(part)
    checks.push(remainder(part, divisor))
  }
  return [...woven(parts), ...woven(checks)]
}

function woven(blocks: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...blocks.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => blocks.flatMap((block) => block[at] ?? [])).flat()
}

/** A product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(one: number, other: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d) ^ (((other >>> bit) & 1) * one)
  }
  return product
}

/** The Reed-Solomon generator of a degree, without its leading term. */
function divisorOf(degree: number): number[] {
  let divisor = [...Array<number>(degree - 1).fill(0), 1]
  for (let step = 0, root = 1; step < degree; step++, root = times(root, 2)) {
    divisor = divisor.map((term, at) => times(term, root) ^ (divisor[at + 1] ?? 0))
  }
  return divisor
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  let rest = divisor.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ (rest[0] ?? 0)
    rest = divisor.map((term, at) => (rest[at + 1] ?? 0) ^ times(term, factor))
  }
  return rest
}

/** The bits of `value` and behind them so many of its remainder by `polynomial`: a BCH code. */
function checked(value: number, bits: number, polynomial: number): number {
  let rest = value
  for (let step = 0; step < bits; step++) rest = (rest << 1) ^ ((rest >>> (bits - 1)) * polynomial)
  return (value << bits) | rest
}

function drawn(version: number, codewords: readonly number[], mask: number): Modules {
  const size = version * 4 + 17
  const modules: (boolean | undefined)[][] = Array.from({ length: size }, () => Array(size).fill(undefined))
  const set = (x: number, y: number, dark: boolean | number) => {
    const row = modules[y]
    if (row !== undefined && x >= 0 && x < size) row[x] = Boolean(dark)
  }
  const square = (x: number, y: number, reach: number, light: readonly number[]) => {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))))
      }
    }
  }
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0)
    set(at, 6, at % 2 === 0)
  }
  const places = alignmentPlaces(version, size)
  const last = places.length - 1
  places.forEach((x, column) => {
    places.forEach((y, row) => {
      const inCorner = (column === 0 && (row === 0 || row === last)) || (column === last && row === 0)
      if (!inCorner) square(x, y, 2, [1])
    })
  })
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    square(x, y, 4, [2, 4])
  // Level M is 00.
  const format = checked(mask, 10, 0x537) ^ 0x5412
  for (let bit = 0; bit < 15; bit++) {
    const dark = (format >>> bit) & 1
    if (bit < 8) set(8, bit < 6 ? bit : bit + 1, dark)
    else set(bit === 8 ? 7 : 14 - bit, 8, dark)
    if (bit < 8) set(size - 1 - bit, 8, dark)
    else set(8, size - 15 + bit, dark)
  }
  set(8, size - 8, true)
  const number = checked(version, 12, 0x1f25)
  for (let bit = 0; version >= 7 && bit < 18; bit++) {
    const [a, b] = [size - 11 + (bit % 3), Math.floor(bit / 3)]
    set(a, b, (number >>> bit) & 1)
    set(b, a, (number >>> bit) & 1)
  }
  fill(modules, codewords, mask)
  return modules.map((row) => row.map(Boolean))
}

function alignmentPlaces(version: number, size: number): number[] {
  const count = alignments(version)
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2
  return Array.from({ length: count }, (_, at) => (at === 0 ? 6 : size - 7 - (count - 1 - at) * step))
}

/** Two columns at a time from the right, up and down, around what stands there; the timing's column is stepped over. */
function fill(modules: (boolean | undefined)[][], codewords: readonly number[], mask: number): void {
  const size = modules.length
  let bit = 0
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2) {
    const upward = ((right + 1) & 2) === 0
    for (let step = 0; step < size * 2; step++) {
      const [x, down] = [right - (step % 2), step >> 1]
      const y = upward ? size - 1 - down : down
      const row = modules[y]
      if (row === undefined || row[x] !== undefined) continue
      const value = ((codewords[bit >> 3] ?? 0) >>> (7 - (bit & 7))) & 1
      row[x] = (value === 1) !== (MASKS[mask]?.(x, y) === 0)
      bit++
    }
  }
}

/** How hard a code is to read: section 7.8.3. */
function penaltyOf(modules: Modules): number {
  const rows = modules.map((row) => row.map(Number).join(''))
  const columns = rows.map((_, at) => rows.map((row) => row[at]).join(''))
  let penalty = 0
  for (const line of [...rows, ...columns]) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2
    penalty += [...line.matchAll(/(?=10111010000|00001011101)/g)].length * 40
  }
  rows.slice(1).forEach((row, at) => {
    const above = rows[at] ?? ''
    for (let x = 1; x < row.length; x++) {
      if (row[x] === row[x - 1] && row[x] === above[x] && row[x] === above[x - 1]) penalty += 3
    }
  })
  const dark = rows.join('').replaceAll('0', '').length / rows.length ** 2
  return penalty + Math.floor(Math.abs(dark * 20 - 10)) * 10
}
