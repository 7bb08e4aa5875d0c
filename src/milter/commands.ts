// Commands, MTA to filter: what they carry, and one table that reads and writes them. Pure: bytes in, fields out.
// The rules of order are not here but in stages.ts.

import type { ByteReader, ByteWriter } from './bytes.ts'
import { byte, type Codec, empty, kindsByCode } from './codec.ts'
import { ProtocolError } from './errors.ts'
import type { Client, EnvelopeAddress, Offer } from './filter.ts'

export type Command =
  /** SMFIC_OPTNEG: the first packet, and the only one of its kind. */
  | { readonly kind: 'negotiate'; readonly offer: Offer }
  /** SMFIC_MACRO: values that belong to the command whose code is `stage`. `pairs` is name NUL value NUL, raw. */
  | { readonly kind: 'macros'; readonly stage: number; readonly pairs: string }
  | { readonly kind: 'connect'; readonly client: Client }
  | { readonly kind: 'helo'; readonly name: string }
  | { readonly kind: 'mail'; readonly sender: EnvelopeAddress }
  | { readonly kind: 'rcpt'; readonly recipient: EnvelopeAddress }
  | { readonly kind: 'data' }
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'endOfHeaders' }
  | { readonly kind: 'body'; readonly chunk: Buffer }
  /** SMFIC_BODYEOB. The protocol lets the last chunk travel in it; neither sendmail nor Postfix does. */
  | { readonly kind: 'endOfMessage'; readonly lastChunk: Buffer }
  | { readonly kind: 'unknown'; readonly command: string }
  | { readonly kind: 'abort' }
  | { readonly kind: 'quit' }
  /** SMFIC_QUIT_NC: the SMTP session is over, the socket is used for the next one. */
  | { readonly kind: 'quitNewConnection' }

type Fields<K extends Command['kind']> = Omit<Extract<Command, { kind: K }>, 'kind'>

// Surplus bytes after a command without payload hurt nobody, and libmilter reads over them.
export const COMMANDS: { readonly [K in Command['kind']]: Codec<Fields<K>> } = {
  negotiate: { code: byte('O'), decode: decodeOffer, encode: encodeOffer },
  macros: {
    code: byte('D'),
    decode: (from) => ({ stage: from.u8(), pairs: from.latin1() }),
    encode: ({ stage, pairs }, to) => {
      to.u8(stage)
      to.latin1(pairs)
    },
  },
  connect: { code: byte('C'), decode: decodeClient, encode: encodeClient },
  helo: {
    code: byte('H'),
    decode: (from) => ({ name: from.cstring() }),
    encode: ({ name }, to) => to.cstring(name),
  },
  mail: {
    code: byte('M'),
    decode: (from) => ({ sender: decodeEnvelope(from) }),
    encode: ({ sender }, to) => encodeEnvelope(sender, to),
  },
  rcpt: {
    code: byte('R'),
    decode: (from) => ({ recipient: decodeEnvelope(from) }),
    encode: ({ recipient }, to) => encodeEnvelope(recipient, to),
  },
  data: empty('T'),
  header: {
    code: byte('L'),
    // A third string is read over, as libmilter does.
    decode: (from) => ({ name: from.cstring(), value: from.cstring() }),
    encode: ({ name, value }, to) => {
      to.cstring(name)
      to.cstring(value)
    },
  },
  endOfHeaders: empty('N'),
  body: {
    code: byte('B'),
    decode: (from) => ({ chunk: from.rest() }),
    encode: ({ chunk }, to) => to.bytes(chunk),
  },
  endOfMessage: {
    code: byte('E'),
    decode: (from) => ({ lastChunk: from.rest() }),
    encode: ({ lastChunk }, to) => to.bytes(lastChunk),
  },
  unknown: {
    code: byte('U'),
    decode: (from) => ({ command: from.cstring() }),
    encode: ({ command }, to) => to.cstring(command),
  },
  abort: empty('A'),
  quit: empty('Q'),
  quitNewConnection: empty('K'),
}

const KIND_BY_CODE: readonly (Command['kind'] | undefined)[] = kindsByCode(COMMANDS)

/** The name of a command byte; a byte that is no command throws. */
export function commandKind(code: number): Command['kind'] {
  const kind = KIND_BY_CODE[code]
  if (kind === undefined) throw new ProtocolError('unknown-code', `command byte 0x${code.toString(16)}`)
  return kind
}

export function decodeCommand(code: number, payload: ByteReader): Command {
  const kind = commandKind(code)
  // The compiler cannot see that row and kind belong together; the table's type has made sure of it.
  return { kind, ...COMMANDS[kind].decode(payload) } as Command
}

/** Appends the command to `to` as one frame. */
export function encodeCommand(command: Command, to: ByteWriter): void {
  const row = COMMANDS[command.kind] as Codec<Command>
  to.beginFrame(row.code)
  row.encode(command, to)
  to.endFrame()
}

// SMFIC_OPTNEG: three words. Surplus bytes belong to versions that do not exist yet.
function decodeOffer(from: ByteReader): { offer: Offer } {
  return { offer: { version: from.u32(), actions: from.u32(), steps: from.u32() } }
}

function encodeOffer({ offer }: { offer: Offer }, to: ByteWriter): void {
  to.u32(offer.version)
  to.u32(offer.actions)
  to.u32(offer.steps)
}

/** Argument 0 may be empty (Postfix's null sender for local mail) but not absent. */
function decodeEnvelope(from: ByteReader): EnvelopeAddress {
  return { argument: from.cstring(), parameters: from.cstrings() }
}

function encodeEnvelope({ argument, parameters }: EnvelopeAddress, to: ByteWriter): void {
  to.cstring(argument)
  for (const parameter of parameters) to.cstring(parameter)
}

const FAMILIES: Readonly<Record<string, Client['family']>> = {
  '4': 'ipv4',
  '6': 'ipv6',
  L: 'unix',
  U: 'unknown',
}
const FAMILY_CODES: Readonly<Record<Client['family'], string>> = {
  ipv4: '4',
  ipv6: '6',
  unix: 'L',
  unknown: 'U',
}

function decodeClient(from: ByteReader): { client: Client } {
  const host = from.cstring()
  const family = FAMILIES[String.fromCharCode(from.u8())]
  if (family === undefined) throw new ProtocolError('malformed', 'a client of an unknown address family')
  // sendmail sends nothing after U (`sendmail -bs`); libmilter reads over whatever is there.
  if (family === 'unknown') return { client: { host, family, address: '', port: 0 } }
  const port = from.u16()
  const address = from.cstring()
  return { client: { host, family, address: family === 'ipv6' ? withoutPrefix(address) : address, port } }
}

/** sendmail writes `IPv6:2001:db8::1`, Postfix the bare address. */
function withoutPrefix(address: string): string {
  return /^ipv6:/i.test(address) ? address.slice(5) : address
}

function encodeClient({ client }: { client: Client }, to: ByteWriter): void {
  to.cstring(client.host)
  to.latin1(FAMILY_CODES[client.family])
  if (client.family === 'unknown') return
  to.u16(client.port)
  to.cstring(client.address)
}
