import { describe, expect, it } from 'vitest'
import { SpecError } from '../../src/milter/errors.ts'
import {
  connectOptions,
  formatPostfixSpec,
  formatSocketSpec,
  parseSocketSpec,
  type SocketSpec,
} from '../../src/milter/socket-spec.ts'

const unix = (path: string): SocketSpec => ({ kind: 'unix', path })
const inet = (port: number, host?: string): SocketSpec => ({ kind: 'inet', host, port })
const inet6 = (port: number, host?: string): SocketSpec => ({ kind: 'inet6', host, port })

const refusal = (text: string): string => {
  try {
    parseSocketSpec(text)
  } catch (error) {
    if (error instanceof SpecError) return error.message
    throw error
  }
  throw new Error(`${text} was taken`)
}

describe('checklist 96: every spec parses', () => {
  it.each<[string, SocketSpec]>([
    ['unix:/run/td.sock', unix('/run/td.sock')],
    ['local:/run/td.sock', unix('/run/td.sock')],
    [':/run/td.sock', unix('/run/td.sock')],
    ['/run/td.sock', unix('/run/td.sock')],
    ['UNIX:/run/td.sock', unix('/run/td.sock')],
    ['unix:/run/a:b.sock', unix('/run/a:b.sock')],
    ['unix:timedelay/td.sock', unix('timedelay/td.sock')],
    ['./td.sock', unix('./td.sock')],
    ['  unix:/run/td.sock\n', unix('/run/td.sock')],
    ['inet:8895', inet(8895)],
    ['inet:0@127.0.0.1', inet(0, '127.0.0.1')],
    ['inet:8895@127.0.0.1', inet(8895, '127.0.0.1')],
    ['inet:8895@[127.0.0.1]', inet(8895, '127.0.0.1')],
    ['Inet:8895@mail.example.com', inet(8895, 'mail.example.com')],
    ['inet6:8895', inet6(8895)],
    ['inet6:8895@[::1]', inet6(8895, '::1')],
    ['inet6:8895@::1', inet6(8895, '::1')],
    ['inet6:8895@localhost', inet6(8895, 'localhost')],
    ['inet:127.0.0.1:8895', inet(8895, '127.0.0.1')],
    ['inet:mail.example.com:8895', inet(8895, 'mail.example.com')],
    ['inet:[::1]:8895', inet6(8895, '::1')],
    ['inet6:[::1]:8895', inet6(8895, '::1')],
    ['inet:[127.0.0.1]:8895', inet(8895, '127.0.0.1')],
    ['inet:65535@localhost', inet(65535, 'localhost')],
  ])('%s', (text, spec) => {
    expect(parseSocketSpec(text)).toEqual(spec)
  })

  it('takes a path of 107 bytes, the longest that the system knows', () => {
    const path = `/${'x'.repeat(106)}`
    expect(parseSocketSpec(`unix:${path}`)).toEqual(unix(path))
  })
})

describe('checklist 96: what cannot be used is refused with what to write instead', () => {
  it.each<[string, string | RegExp]>([
    ['', 'write inet:8895@127.0.0.1'],
    ['8895', 'write inet:8895@127.0.0.1'],
    ['localhost', 'neither a port nor a path'],
    ['unix:', 'has no path'],
    ['unix:/run/timedelay/', 'names a directory'],
    ['unix:/run/\0td', 'NUL'],
    [`unix:/${'x'.repeat(107)}`, '108 bytes long'],
    [`/${'é'.repeat(54)}`, '109 bytes long'],
    ['/run/a:b.sock', 'write "unix:/run/a:b.sock"'],
    ['tcp:8895', 'write inet:8895@127.0.0.1'],
    ['tcp:localhost:8895', 'write inet:8895@localhost'],
    ['127.0.0.1:8895', 'write inet:8895@127.0.0.1'],
    ['http://localhost', 'write inet:, inet6: or unix:'],
    ['inet:', 'has no port number: write "inet:8895@host"'],
    ['inet:localhost', 'write "inet:8895@localhost"'],
    ['inet:smtp@localhost', 'write the number itself'],
    ['inet:localhost:smtp', 'write the number itself'],
    ['inet:-1@localhost', 'is no port number'],
    ['inet:88 95@localhost', 'is no port number'],
    ['inet:0x1f@localhost', 'is no port number'],
    ['inet:65536@localhost', 'up to 65535'],
    ['inet:99999999999999999999', 'up to 65535'],
    ['inet:8895@', 'has no host'],
    ['inet:8895@[]', 'has no host'],
    ['inet::8895', 'has no host'],
    ['inet:8895@300.1.1.1', 'neither a host name nor an address'],
    ['inet:8895@a b', 'neither a host name nor an address'],
    ['inet:8895@a@b', 'neither a host name nor an address'],
    ['inet:8895@-x', 'neither a host name nor an address'],
    ['inet:8895@[::1]', 'write inet6: instead of inet:'],
    ['inet6:8895@127.0.0.1', 'write inet: instead of inet6:'],
    ['inet6:::1:8895', 'write the address in brackets'],
    ['inet6:[::g]:8895', 'neither a host name nor an address'],
  ])('%j', (text, sentence) => {
    expect(refusal(text)).toMatch(sentence)
  })

  it('keeps the sentence to one line of bounded length, whatever was typed', () => {
    for (const text of [
      `tcp:${'x'.repeat(10_000)}`,
      'bad\nspec:1',
      `inet:8895@${'-'.repeat(10_000)}`,
      `inet:${'h'.repeat(10_000)}`,
      `/${'x'.repeat(10_000)}/`,
      '9'.repeat(10_000),
      `/a:${'b'.repeat(10_000)}`,
    ]) {
      expect(refusal(text)).not.toContain('\n')
      expect(refusal(text).length).toBeLessThan(400)
    }
  })
})

describe('writing a spec', () => {
  it.each<[SocketSpec, string, string]>([
    [unix('/run/td.sock'), 'unix:/run/td.sock', 'unix:/run/td.sock'],
    [inet(8895, '127.0.0.1'), 'inet:8895@127.0.0.1', 'inet:127.0.0.1:8895'],
    [inet6(8895, '::1'), 'inet6:8895@[::1]', 'inet:[::1]:8895'],
    [inet(8895), 'inet:8895', 'inet:127.0.0.1:8895'],
    [inet6(8895), 'inet6:8895', 'inet:[::1]:8895'],
    [inet(8895, 'mail.example.com'), 'inet:8895@mail.example.com', 'inet:mail.example.com:8895'],
  ])('%j', (spec, libmilter, postfix) => {
    expect(formatSocketSpec(spec)).toBe(libmilter)
    expect(formatPostfixSpec(spec)).toBe(postfix)
    expect(parseSocketSpec(libmilter)).toEqual(spec)
  })
})

describe('connecting to a spec', () => {
  it('uses the path, or the host in its own family', () => {
    expect(connectOptions(unix('/run/td.sock'))).toEqual({ path: '/run/td.sock' })
    expect(connectOptions(inet(8895, 'localhost'))).toEqual({ host: 'localhost', port: 8895, family: 4 })
    expect(connectOptions(inet6(8895, '::1'))).toEqual({ host: '::1', port: 8895, family: 6 })
  })

  it('reaches a listener on every address through the loopback one', () => {
    expect(connectOptions(inet(8895))).toMatchObject({ host: '127.0.0.1' })
    expect(connectOptions(inet6(8895))).toMatchObject({ host: '::1' })
  })

  it('refuses port 0, where nobody can be reached', () => {
    expect(() => connectOptions(inet(0))).toThrow(SpecError)
  })
})
