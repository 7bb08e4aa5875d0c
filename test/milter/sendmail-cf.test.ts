import { describe, expect, it } from 'vitest'
import { findMilter, listMilters } from '../../src/milter/sendmail-cf.ts'
import { cpuTimeOf } from '../support/cpu-time.ts'

const x = (rest: string): string => `Xtimedelay, ${rest}\n`
const found = (cf: string, name = 'timedelay') => findMilter(cf, name)

describe('checklist 102: the X line', () => {
  it('is read with S= first', () => {
    expect(found(x('S=local:/run/td.sock, F=T, T=C:1m;S:10s;R:30s;E:5m'))).toEqual({
      name: 'timedelay',
      spec: 'local:/run/td.sock',
      failure: 'T',
      timeouts: { connect: 60_000, send: 10_000, reply: 30_000, endOfMessage: 300_000 },
      listed: false,
    })
  })

  it('ends the spec at its comma: the fault of Sendmail::Milter, which took F= for part of the path', () => {
    expect(found(x('S=local:/run/td.sock, F=T, T=R:30s'))?.spec).toBe('local:/run/td.sock')
  })

  it('is read with F= or T= first', () => {
    expect(found(x('F=R, S=inet:8895@127.0.0.1'))).toMatchObject({
      spec: 'inet:8895@127.0.0.1',
      failure: 'R',
    })
    expect(found(x('T=C:1m, F=4, S=inet6:8895@[::1]'))).toMatchObject({
      spec: 'inet6:8895@[::1]',
      failure: '4',
    })
  })

  it('needs no blanks, and bears many', () => {
    expect(found('Xtimedelay,S=local:/a,F=T\n')).toMatchObject({ spec: 'local:/a', failure: 'T' })
    expect(found('Xtimedelay ,\tS =  local:/a  ,   F = T')).toMatchObject({ spec: 'local:/a', failure: 'T' })
    expect(found('Xtimedelay S=local:/a')).toMatchObject({ spec: 'local:/a' })
  })

  it('reads only the first letter of a key, as sendmail does', () => {
    expect(found(x('Socket=local:/a, Flags=T, Timeouts=R:1s'))).toMatchObject({
      spec: 'local:/a',
      failure: 'T',
      timeouts: { reply: 1000 },
    })
  })

  it('takes quotes off, and lets commas and blanks stand inside them', () => {
    expect(found(x('S="local:/run/a, b.sock", F="T"'))).toMatchObject({
      spec: 'local:/run/a, b.sock',
      failure: 'T',
    })
  })

  it('joins continuation lines, which Sendmail::PMilter does not', () => {
    const cf = 'Xtimedelay, S=local:/run/td.sock,\n\tF=T,\n  T=C:1m;\n\tR:20s\nXother, S=local:/o\n'
    expect(found(cf)).toMatchObject({
      spec: 'local:/run/td.sock',
      failure: 'T',
      timeouts: { connect: 60_000, reply: 20_000 },
    })
    expect(found(cf, 'other')).toMatchObject({ spec: 'local:/o', failure: undefined })
  })

  it('reads files with CR LF line ends', () => {
    expect(found('V10\r\nXtimedelay, S=local:/a,\r\n\tF=T\r\nDj1\r\n')).toMatchObject({
      spec: 'local:/a',
      failure: 'T',
    })
  })

  it('tells names apart that begin with each other', () => {
    const cf = 'Xtime, S=local:/1\nXtimedelay, S=local:/2\nXtimedelay2, S=local:/3\n'
    expect(found(cf, 'time')?.spec).toBe('local:/1')
    expect(found(cf)?.spec).toBe('local:/2')
    expect(found(cf, 'timedelay2')?.spec).toBe('local:/3')
    expect(found(cf, 'timed')).toBeUndefined()
    expect(found(cf, 't.*')).toBeUndefined()
  })

  it('is none behind a comment sign, nor in the middle of a line', () => {
    expect(found('#Xtimedelay, S=local:/a\n')).toBeUndefined()
    expect(found('C{X}Xtimedelay, S=local:/a\n')).toBeUndefined()
    expect(found('#Xold, S=local:/a\n\tF=T\nXtimedelay, S=local:/b')).toMatchObject({ spec: 'local:/b' })
  })

  // The next four were seen on sendmail 8.17.1.9.
  it('ends at a comment, which may stand behind it', () => {
    expect(found(x('S=local:/a, F=T # was: , F=R'))).toMatchObject({ spec: 'local:/a', failure: 'T' })
    expect(found(x('S=local:/a#, S=local:/b'))?.spec).toBe('local:/a')
    expect(found('Xtimedelay, S=local:/a # one\n\t, F=T\n')).toMatchObject({ spec: 'local:/a', failure: 'T' })
  })

  it('keeps a comment sign behind a backslash', () => {
    expect(found(x('S=local:/run/\\#1.sock'))?.spec).toBe('local:/run/#1.sock')
  })

  it('ignores a continuation line of a comment', () => {
    expect(found('Xtimedelay, S=local:/a\n# old\n\t, S=local:/b\n')?.spec).toBe('local:/a')
  })

  it('has its name in any case', () => {
    const cf = 'O InputMailFilters=TimeDelay\nXtimedelay, S=local:/a\n'
    expect(findMilter(cf, 'TIMEDELAY')).toMatchObject({ name: 'timedelay', spec: 'local:/a', listed: true })
  })

  it('holds in its last definition', () => {
    expect(found('Xtimedelay, S=local:/old, F=T\nXtimedelay, S=local:/new\n')).toMatchObject({
      spec: 'local:/new',
      failure: undefined,
    })
  })

  it('without S= has no spec', () => {
    expect(found(x('F=T'))?.spec).toBeUndefined()
    expect(found(x('S=, F=T'))?.spec).toBeUndefined()
    expect(found('Xtimedelay\n')?.spec).toBeUndefined()
  })
})

describe('timeouts', () => {
  const timeouts = (t: string) => found(x(`S=local:/a, T=${t}`))?.timeouts

  it('default to 5 minutes to connect, 10 seconds a packet each way and 5 minutes in all', () => {
    const defaults = { connect: 300_000, send: 10_000, reply: 10_000, endOfMessage: 300_000 }
    expect(found(x('S=local:/a'))?.timeouts).toEqual(defaults)
    expect(timeouts('')).toEqual(defaults)
  })

  it('are in seconds unless a unit stands behind them', () => {
    expect(timeouts('C:0;S:90;R:1h;E:1d')).toEqual({
      connect: 0,
      send: 90_000,
      reply: 3_600_000,
      endOfMessage: 86_400_000,
    })
    expect(timeouts('R:1m30s; E: 1w')).toMatchObject({ reply: 90_000, endOfMessage: 604_800_000 })
  })

  it('keep their default where the item makes no sense', () => {
    expect(timeouts('R:soon;C:1m;Z:4s;S')).toEqual({
      connect: 60_000,
      send: 10_000,
      reply: 10_000,
      endOfMessage: 300_000,
    })
  })

  it('are read in linear time', () => {
    const took = cpuTimeOf(() => timeouts(`R:${'1'.repeat(100_000)}x;C:${' '.repeat(100_000)}x`))
    expect(took).toBeLessThan(2000)
  })
})

describe('the filters in use', () => {
  it.each([
    'O InputMailFilters=timedelay',
    'O InputMailFilters=timedelay # ours',
    'O InputMailFilters=first, timedelay',
    'O InputMailFilters=first;timedelay',
    'O inputmailfilters = timedelay',
    'O InputMailFilters=first,\n\ttimedelay',
    'O DaemonPortOptions=Name=MTA, Port=smtp, InputMailFilters=first;timedelay',
  ])('are those of %j', (option) => {
    expect(found(`${x('S=local:/a')}${option}\n`)?.listed).toBe(true)
  })

  it.each([
    '',
    '#O InputMailFilters=timedelay',
    'O InputMailFilters=timedelay2',
    'O InputMailFilters=',
    'O InputMailFilters=timedelay\nO InputMailFilters=other',
    'O DaemonPortOptions=Name=timedelay',
  ])('are not those of %j', (option) => {
    expect(found(`${x('S=local:/a')}${option}\n`)?.listed).toBe(false)
  })
})

describe('the list of filters', () => {
  it('has each once, in the order of the file', () => {
    const cf = 'O InputMailFilters=b\nXb, S=local:/b\nMlocal, P=/bin/x\nXa, S=local:/a\nXb, S=local:/b2\n'
    expect(listMilters(cf).map(({ name, spec, listed }) => [name, spec, listed])).toEqual([
      ['b', 'local:/b2', true],
      ['a', 'local:/a', false],
    ])
  })

  it('is empty for a file without any, and for no text at all', () => {
    expect(listMilters('V10/Berkeley\nO QueueDirectory=/q\n')).toEqual([])
    expect(listMilters('')).toEqual([])
  })
})
