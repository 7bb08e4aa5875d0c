import { describe, expect, test } from 'vitest'
import { parseDomainName } from '../../../src/address/index.ts'
import { listMilters, parseSocketSpec } from '../../../src/milter/index.ts'
import { readSendmailCf } from '../../../src/service/doctor/cf.ts'
import type { Finding } from '../../../src/service/doctor/finding.ts'
import { checkSendmail, type OurSide } from '../../../src/service/doctor/sendmail.ts'
import type { SendmailFacts } from '../../../src/service/doctor/sendmail-facts.ts'
import { readAliases, readTable } from '../../../src/service/doctor/tables.ts'

const TD = parseDomainName('td.example.com')!

const ours: OurSide = {
  listeners: [parseSocketSpec('inet:8895@127.0.0.1')],
  handlerDeadline: 8000,
  domains: [TD],
}

interface Texts {
  readonly x?: string
  readonly filters?: string
  readonly more?: string
  readonly mailertable?: string
  readonly virtusertable?: string
  readonly aliases?: string
  readonly access?: string
  readonly own?: readonly string[]
  readonly relay?: readonly string[]
  readonly listens?: boolean
  readonly stale?: boolean
}

/** The configuration that we teach, unless told otherwise. */
function facts(texts: Texts = {}): SendmailFacts {
  const cf = [
    texts.x ?? 'Xtimedelay, S=inet:8895@127.0.0.1, F=T, T=C:30s;S:10s;R:30s;E:2m',
    texts.filters ?? 'O InputMailFilters=timedelay',
    'Fw/etc/mail/local-host-names %[^\\#]',
    'Kmailertable hash -o /etc/mail/mailertable.db',
    'Mesmtp, P=[IPC], F=mDFMuXa, S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP, E=\\r\\n, L=990, A=TCP $h',
    texts.more ?? 'Mtdloop, P=[IPC], F=mDFMuXk, S=EnvFromSMTP/HdrFromSMTP, E=\\r\\n, L=990, A=TCP $h 25',
  ].join('\n')
  return {
    file: '/etc/mail/sendmail.cf',
    cf: readSendmailCf(cf),
    milters: listMilters(cf),
    ownNames: new Set(texts.own ?? ['localhost']),
    relayNames: new Set(texts.relay ?? ['td.example.com']),
    virtualNames: new Set(),
    mailertable: {
      file: '/etc/mail/mailertable',
      entries: readTable(texts.mailertable ?? 'td.example.com\ttdloop:[127.0.0.1]\n'),
      stale: texts.stale ?? false,
    },
    virtusertable: {
      file: '/etc/mail/virtusertable',
      entries: readTable(texts.virtusertable ?? ''),
      stale: false,
    },
    access: { file: '/etc/mail/access', entries: readTable(texts.access ?? ''), stale: false },
    aliases: readAliases(texts.aliases ?? ''),
    unread: [],
    listening: new Map([[25, texts.listens ?? true]]),
  }
}

function examine(texts: Texts, side: OurSide = ours): readonly Finding[] {
  return checkSendmail(facts(texts), side)
}

/** The check as `level: says`, and undefined when it is not among the findings. */
function find(findings: readonly Finding[], check: string): Finding {
  const found = findings.find((finding) => finding.check === check)
  if (found === undefined) throw new Error(`no ${check} among ${findings.map((one) => one.check).join(', ')}`)
  return found
}

describe("sendmail's filter line", () => {
  test('is in order as we teach it', () => {
    expect(examine({}).filter(({ level }) => level !== 'ok')).toEqual([])
  })

  test('is missed where there is none', () => {
    expect(find(examine({ x: '# nothing' }), 'sendmail-filter').level).toBe('fault')
  })

  test('is found by its socket when it has another name', () => {
    const findings = examine({
      x: 'Xexpiry, S=inet:8895@localhost, F=T',
      filters: 'O InputMailFilters=expiry',
    })
    expect(find(findings, 'sendmail-filter').says).toContain('expiry')
    expect(find(findings, 'sendmail-filter').level).toBe('ok')
  })

  test('is useless when InputMailFilters leaves it out', () => {
    const found = find(examine({ filters: 'O InputMailFilters=spam, other' }), 'sendmail-filter-list')
    expect(found.level).toBe('fault')
    expect(found.todo).toContain('O InputMailFilters=timedelay')
  })

  test('that leads elsewhere than we listen is a fault that names both sockets', () => {
    const found = find(examine({ x: 'Xtimedelay, S=inet:8896@127.0.0.1, F=T' }), 'sendmail-filter-socket')
    expect(found.level).toBe('fault')
    expect(found.says).toContain('8896')
    expect(found.todo).toContain('inet:8895@127.0.0.1')
  })

  test('reaches a milter that listens on every address', () => {
    const side = { ...ours, listeners: [parseSocketSpec('inet:8895')] }
    expect(find(examine({}, side), 'sendmail-filter-socket').level).toBe('ok')
  })

  test.each([
    ['unix:/var/run/timedelay/milter.sock', 'unix:/run/timedelay/milter.sock', 'ok'],
    ['local:/run//timedelay/milter.sock', 'unix:/run/timedelay/milter.sock', 'ok'],
    ['unix:/run/other.sock', 'unix:/run/timedelay/milter.sock', 'fault'],
    ['inet6:8895@::1', 'inet6:8895@::1', 'ok'],
  ])('S=%s for a milter at %s is %s', (socket, listener, level) => {
    const side = { ...ours, listeners: [parseSocketSpec(listener)] }
    expect(find(examine({ x: `Xtimedelay, S=${socket}, F=T` }, side), 'sendmail-filter-socket').level).toBe(
      level,
    )
  })

  test.each([
    ['S=inet:8895@127.0.0.1', 'fault'],
    ['S=inet:8895@127.0.0.1, F=R', 'warn'],
    ['S=inet:8895@127.0.0.1, F=4', 'ok'],
    ['S=inet:8895@127.0.0.1, F=T', 'ok'],
  ])('%s is, by its failure mode, %s', (equates, level) => {
    expect(find(examine({ x: `Xtimedelay, ${equates}` }), 'sendmail-filter-failure').level).toBe(level)
  })

  test.each([
    ['T=R:5s', 'warn'],
    ['T=R:30s;E:20s', 'warn'],
    ['T=R:30s;E:2m', 'ok'],
  ])('%s against an answer of up to 8 s is %s', (timeouts, level) => {
    const x = `Xtimedelay, S=inet:8895@127.0.0.1, F=T, ${timeouts}`
    expect(find(examine({ x }), 'sendmail-filter-timeouts').level).toBe(level)
  })
})

describe('the route of unrewritten mail', () => {
  test('is the loop as we teach it', () => {
    expect(find(examine({}), 'sendmail-route').level).toBe('ok')
  })

  test('needs the flag k, or the sender gets "mail loops back to me"', () => {
    const found = find(examine({ mailertable: 'td.example.com esmtp:[127.0.0.1]' }), 'sendmail-route')
    expect(found).toMatchObject({ level: 'fault', says: expect.stringContaining('flag k') })
  })

  test('needs a mailer that exists', () => {
    expect(find(examine({ more: '' }), 'sendmail-route').says).toContain('sendmail.cf has none')
  })

  test('needs a port that somebody listens on', () => {
    expect(find(examine({ listens: false }), 'sendmail-route').todo).toContain('systemctl start sendmail')
  })

  test.each(['error:4.7.1:450 later', 'error:nouser User unknown'])(
    'may not be %s, which refuses before the filter is asked',
    (route) => {
      expect(find(examine({ mailertable: `td.example.com ${route}` }), 'sendmail-route').level).toBe('fault')
    },
  )

  test('to another machine is allowed, with a warning', () => {
    expect(find(examine({ mailertable: 'td.example.com esmtp:[192.0.2.1]' }), 'sendmail-route').level).toBe(
      'warn',
    )
  })

  test('is missed where there is none', () => {
    const found = find(examine({ mailertable: '' }), 'sendmail-route')
    expect(found.level).toBe('fault')
    expect(found.todo).toContain('tdloop:[127.0.0.1]')
  })

  test('is lost on a map that nobody built', () => {
    expect(find(examine({ stale: true }), 'sendmail-map').todo).toBe(
      'makemap hash /etc/mail/mailertable < /etc/mail/mailertable',
    )
  })
})

describe('a catch-all', () => {
  const catchAll = { mailertable: '', virtusertable: '@td.example.com dev-null' }

  test('that ends in /dev/null, as in the article, loses mail', () => {
    const found = find(examine({ ...catchAll, aliases: 'dev-null: /dev/null' }), 'sendmail-catch-all')
    expect(found).toMatchObject({ level: 'fault', says: expect.stringContaining('lost with a 250') })
  })

  test('is followed through several aliases', () => {
    const aliases = 'dev-null: nobody\nnobody: "|/bin/true"'
    expect(find(examine({ ...catchAll, aliases }), 'sendmail-catch-all').level).toBe('fault')
  })

  test('does not run in circles', () => {
    expect(
      find(examine({ ...catchAll, aliases: 'dev-null: b\nb: dev-null' }), 'sendmail-catch-all').level,
    ).toBe('warn')
  })

  test('that ends in a mailbox is a warning: others may share it', () => {
    expect(find(examine(catchAll), 'sendmail-catch-all').level).toBe('warn')
  })

  test('of error: refuses everything', () => {
    const virtusertable = '@td.example.com error:5.1.1:550 no'
    expect(find(examine({ mailertable: '', virtusertable }), 'sendmail-catch-all').level).toBe('fault')
  })
})

describe('the classes', () => {
  test('w may not have our domain', () => {
    const found = find(examine({ own: ['localhost', 'td.example.com'] }), 'sendmail-own-names')
    expect(found.level).toBe('fault')
    expect(found.todo).toContain('/etc/mail/local-host-names')
  })

  test('R must have it, or strangers are refused', () => {
    expect(find(examine({ relay: [] }), 'sendmail-relay').level).toBe('fault')
  })

  test('R may have its parent, and the access table will do as well', () => {
    expect(find(examine({ relay: ['example.com'] }), 'sendmail-relay').level).toBe('ok')
    const access = 'To:td.example.com RELAY'
    expect(find(examine({ relay: [], access }), 'sendmail-relay').level).toBe('ok')
  })
})
