import { describe, expect, test } from 'vitest'
import { parseDomainName } from '../../../src/address/index.ts'
import type { Finding } from '../../../src/service/doctor/finding.ts'
import { checkMilter, checkRecorded, type MilterFacts } from '../../../src/service/doctor/milter.ts'

const TD = parseDomainName('td.example.com')!

function levels(findings: readonly Finding[], check: string): readonly string[] {
  return findings.filter((finding) => finding.check === check).map(({ level }) => level)
}

describe('the running milter', () => {
  function facts(verdicts: readonly [string, string?][], roundTrip = 3): MilterFacts {
    return {
      spec: 'inet:8895@127.0.0.1',
      as: 'sendmail',
      domains: [TD],
      talk: {
        ok: true,
        value: { version: 6, roundTrip, verdicts: verdicts.map(([kind, smtp]) => ({ kind, smtp })) },
      },
    }
  }
  const refused: [string, string] = ['reply', '551 5.7.1 Address not understood.']

  test('is well when it leaves foreign mail alone and refuses a made-up address', () => {
    expect(checkMilter(facts([['continue'], refused])).map(({ level }) => level)).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
    ])
  })

  test.each(['accept', 'reject', 'tempfail', 'discard'])(
    'is a danger when it answers foreign mail with %s',
    (kind) => {
      expect(levels(checkMilter(facts([[kind], refused])), 'milter-foreign-mail')).toEqual(['fault'])
    },
  )

  test('has another database when it lets a made-up address pass', () => {
    const findings = checkMilter(facts([['continue'], ['continue']]))
    expect(levels(findings, 'milter-own-domain')).toEqual(['fault'])
  })

  test('is ill when it puts our own domain off', () => {
    const findings = checkMilter(facts([['continue'], ['reply', '451 4.3.0 Try again later.']]))
    expect(levels(findings, 'milter-own-domain')).toEqual(['fault'])
  })

  test('is slow above a second', () => {
    expect(levels(checkMilter(facts([['continue'], refused], 1500)), 'milter-speed')).toEqual(['warn'])
  })

  test('that does not answer is a fault with the reason', () => {
    const talk = { ok: false, why: 'missing', says: 'nothing listens there' } as const
    const [only, ...rest] = checkMilter({ ...facts([]), talk })
    expect(only).toMatchObject({ level: 'fault', says: expect.stringContaining('nothing listens there') })
    expect(rest).toEqual([])
  })

  test('is behind, or writes elsewhere, when its verdicts do not arrive', () => {
    expect(checkRecorded({ expected: 2, seen: 1, waited: 5000 }).level).toBe('warn')
    expect(checkRecorded({ expected: 2, seen: 2, waited: 200 }).level).toBe('ok')
  })
})
