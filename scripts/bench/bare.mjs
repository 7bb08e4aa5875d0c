// A bare Node server with canned answers: no address is parsed, nothing is decided, logged or stored; what becomes of a
// recipient is looked up in a table made before. How fast a milter on Node can be at best, and so what our own part costs.
//
//   node bare.mjs PATH        the world on standard input, as run.mjs writes it
import { createServer } from 'node:net'
import process from 'node:process'
import { ByteWriter } from '../../dist/milter/bytes.js'
import { encodeFrame } from '../../dist/milter/frame.js'
import { encodeAgreement } from '../../dist/milter/negotiation.js'
import { recipientNumber } from './world.mjs'

const [path, prefixes, recipients] = process.argv.slice(2)
const ACTIONS = 0x10c
const STEPS = 0x373
const CONTINUE = encodeFrame('c')
const REFUSAL = encodeFrame('y', Buffer.from('551 5.7.1 Expiration Reached.\0'))

/** By RCPT argument: the frames of its replacement, or nothing where it is refused. */
const canned = new Map()
for (let serial = 0; serial < Number(recipients); serial += 1) {
  const { kind, argument, target } = recipientNumber(serial, { prefixes: Number(prefixes) })
  if (kind === 'expired') canned.set(argument, undefined)
  if (kind !== 'valid') continue
  canned.set(argument, {
    deletion: encodeFrame('-', Buffer.from(`${argument}\0`)),
    target,
    addition: encodeFrame('+', Buffer.from(`${target}\0`)),
  })
}

function agreement(offered) {
  const writer = new ByteWriter()
  const macroLists = Array.from({ length: 7 }, (_, stage) => ({ stage, names: '' }))
  encodeAgreement({ version: 6, actions: ACTIONS, steps: offered & STEPS, macroLists }, writer)
  return Buffer.from(writer.finish())
}

/** What answers a command with nothing to decide; the rest is below. */
const PLAIN = new Set([...'CHMTLNBU'].map((letter) => letter.charCodeAt(0)))

function serve(socket) {
  let rest = Buffer.alloc(0)
  let accepted = []
  const answerTo = (code, payload) => {
    if (PLAIN.has(code)) return [CONTINUE]
    if (code === 0x4f) return [agreement(payload.readUInt32BE(8))]
    if (code === 0x52) {
      const argument = payload.latin1Slice(0, payload.indexOf(0))
      if (!canned.has(argument)) return [CONTINUE]
      const replacement = canned.get(argument)
      if (replacement === undefined) return [REFUSAL]
      accepted.push(replacement)
      return [CONTINUE]
    }
    if (code === 0x45) {
      const added = new Map(accepted.map(({ target, addition }) => [target, addition]))
      const frames = [...new Set(accepted)].map(({ deletion }) => deletion)
      accepted = []
      return [...frames, ...added.values(), CONTINUE]
    }
    if (code === 0x41) accepted = []
    if (code === 0x51) socket.destroy()
    return []
  }
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const answers = []
    let at = 0
    while (bytes.length - at >= 5) {
      const end = at + 4 + bytes.readUInt32BE(at)
      if (end > bytes.length) break
      answers.push(...answerTo(bytes[at + 4], bytes.subarray(at + 5, end)))
      at = end
    }
    rest = Buffer.from(bytes.subarray(at))
    if (answers.length > 0 && !socket.destroyed) socket.write(Buffer.concat(answers))
  })
}

createServer({ noDelay: true }, serve).listen({ path, backlog: 4096 }, () => console.log('listening'))
