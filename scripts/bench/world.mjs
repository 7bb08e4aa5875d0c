// The invented world of the benchmark: a domain, its prefixes with their mailboxes, and the messages that come. Every
// server is asked the same, and what it must answer is written here, not asked of anybody.

export const DOMAIN = 'td.example.com'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const MS_PER_DAY = 86_400_000

/** The name of prefix number `index`: three letters for the first 17,576, five for a million. */
function prefixName(index, letters = 3) {
  let name = ''
  for (let left = index, place = 0; place < letters; place += 1) {
    name = LETTERS[left % 26] + name
    left = Math.floor(left / 26)
  }
  return name
}

const mailboxOf = (index) => `owner${index}@mail.example.net`

/** The list as `timedelay prefix import` and the yardstick read it. */
export function prefixList(count, letters = 3) {
  return Array.from(
    { length: count },
    (_, index) => `${prefixName(index, letters)} ${mailboxOf(index)}\n`,
  ).join('')
}

function compactDate(daysFromNow) {
  return new Date(Date.now() + daysFromNow * MS_PER_DAY).toISOString().slice(0, 10).replaceAll('-', '')
}

/** Two more variants than anybody needs: 40 days of issue, 54 lifetimes, for each prefix. */
function validAddress(index, variant, letters) {
  const issued = compactDate(-1 - (variant % 40))
  const days = 45 + (Math.floor(variant / 40) % 54)
  return `<${prefixName(index, letters)}${issued}${days}@${DOMAIN}>`
}

function expiredAddress(index, variant, letters) {
  const issued = compactDate(-100 - (variant % 40))
  return `<${prefixName(index, letters)}${issued}${10 + (Math.floor(variant / 40) % 40)}@${DOMAIN}>`
}

/** Of ten recipients five are valid, three expired and two foreign: in this order, so that a single one varies too. */
const KINDS = [
  'valid',
  'expired',
  'valid',
  'foreign',
  'valid',
  'expired',
  'valid',
  'foreign',
  'valid',
  'expired',
]

/**
 * Recipient number `serial` of all that are sent. Those of ours repeat after each prefix was named, unless
 * `variants` are wanted, each of which is another address of that prefix.
 */
export function recipientNumber(serial, { prefixes, letters = 3, variants = 1 }) {
  const kind = KINDS[serial % KINDS.length]
  const index = Math.floor(serial / KINDS.length) * 7 + (serial % KINDS.length)
  const variant = Math.floor(index / prefixes) % variants
  const prefix = index % prefixes
  if (kind === 'foreign') return { kind, argument: `<user${index}@elsewhere.example>` }
  if (kind === 'expired') return { kind, argument: expiredAddress(prefix, variant, letters) }
  return { kind, argument: validAddress(prefix, variant, letters), target: `<${mailboxOf(prefix)}>` }
}
