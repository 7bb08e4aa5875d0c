import { describe, expect, it } from 'vitest'
import { parseMessage } from '../../../src/milter/simulator/index.ts'

const parse = (text: string) => {
  const { headers, body } = parseMessage(Buffer.from(text, 'latin1'))
  return { headers, body: body.toString('latin1') }
}

describe('a message file', () => {
  it('falls into header and body at the first empty line', () => {
    expect(parse('From: <a@x>\nSubject:  two blanks\n\nHello\n\nWorld\n')).toEqual({
      headers: [
        ['From', '<a@x>'],
        ['Subject', ' two blanks'],
      ],
      body: 'Hello\r\n\r\nWorld\r\n',
    })
  })

  it('keeps CRLF, and joins folded lines by LF and their blank', () => {
    expect(parse('X: one\r\n two\r\n\tthree\r\nY:\r\n\r\nb\xf6dy\r\n')).toEqual({
      headers: [
        ['X', 'one\n two\n\tthree'],
        ['Y', ''],
      ],
      body: 'b\xf6dy\r\n',
    })
  })

  it.each([
    ['', [], ''],
    ['no header at all\n', [], 'no header at all\r\n'],
    ['\nbody only', [], 'body only'],
    ['A: b', [['A', 'b']], ''],
    ['A: b\nnot a field\n', [['A', 'b']], 'not a field\r\n'],
    [' blank first\n', [], ' blank first\r\n'],
  ])('%j', (text, headers, body) => {
    expect(parse(text)).toEqual({ headers, body })
  })
})
