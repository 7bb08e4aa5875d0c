import { describe, expect, test } from 'vitest'
import { parseDomainName } from '../../../src/address/index.ts'
import { parseSocketSpec } from '../../../src/milter/index.ts'
import type { Finding } from '../../../src/service/doctor/finding.ts'
import { checkPostfix } from '../../../src/service/doctor/postfix.ts'
import { clientSpec, smtpdInChroot } from '../../../src/service/doctor/postfix-client.ts'
import { readMaster } from '../../../src/service/doctor/postfix-config.ts'
import type { PostfixDomain, PostfixFacts } from '../../../src/service/doctor/postfix-facts.ts'
import type { OurSide } from '../../../src/service/doctor/sendmail.ts'

const TD = parseDomainName('td.example.com')!
const LOOP = '127.0.0.1:10026 inet n - y - - smtpd'

function side(listener = 'inet:8895@127.0.0.1'): OurSide {
  return { listeners: [parseSocketSpec(listener)], handlerDeadline: 8000, domains: [TD] }
}

interface Change {
  readonly parameters?: Readonly<Record<string, string>>
  readonly master?: readonly string[]
  readonly domain?: Partial<PostfixDomain>
}

/** The configuration that we teach, unless told otherwise. */
function facts({ parameters = {}, master = [LOOP], domain = {} }: Change = {}): PostfixFacts {
  return {
    directory: '/etc/postfix',
    parameters: new Map(
      Object.entries({
        queue_directory: '/var/spool/postfix',
        mail_owner: 'postfix',
        smtpd_milters: 'inet:127.0.0.1:8895',
        non_smtpd_milters: '',
        milter_default_action: 'tempfail',
        milter_command_timeout: '30s',
        milter_content_timeout: '2m',
        receive_override_options: '',
        relay_recipient_maps: '',
        ...parameters,
      }),
    ),
    services: readMaster(['smtp inet n - y - - smtpd', ...master].join('\n'), false),
    domains: [
      {
        name: TD,
        classes: ['relay_domains'],
        transport: {
          value: 'smtp:[127.0.0.1]:10026',
          table: 'texthash:/etc/postfix/transport',
          stale: false,
        },
        catchAll: undefined,
        loopListens: true,
        ...domain,
      },
    ],
    unread: [],
  }
}

function examine(change: Change, ours = side()): readonly Finding[] {
  return checkPostfix(facts(change), ours)
}

function find(findings: readonly Finding[], check: string): Finding {
  const found = findings.find((finding) => finding.check === check)
  if (found === undefined) throw new Error(`no ${check} among ${findings.map((one) => one.check).join(', ')}`)
  return found
}

function transport(value: string, stale = false): Change {
  return { domain: { transport: { value, table: 'hash:/etc/postfix/transport', stale } } }
}

describe("Postfix's filter settings", () => {
  test('are in order as we teach them', () => {
    expect(examine({}).filter(({ level }) => level !== 'ok')).toEqual([])
  })

  test('that name another socket are a fault', () => {
    const found = find(examine({ parameters: { smtpd_milters: 'inet:127.0.0.1:11332' } }), 'postfix-milters')
    expect(found).toMatchObject({ level: 'fault', says: expect.stringContaining('11332') })
  })

  test('that name nobody are a fault', () => {
    expect(find(examine({ parameters: { smtpd_milters: '' } }), 'postfix-milters').level).toBe('fault')
  })

  test.each([
    ['tempfail', 'ok'],
    ['accept', 'fault'],
    ['reject', 'warn'],
    ['quarantine', 'warn'],
    ['shutdown', 'fault'],
  ])('default action %s is %s', (action, level) => {
    const found = find(examine({ parameters: { milter_default_action: action } }), 'postfix-default-action')
    expect(found.level).toBe(level)
  })

  test('of one filter alone win over the general ones', () => {
    const smtpd_milters =
      'inet:127.0.0.1:11332, { inet:127.0.0.1:8895, default_action=accept, command_timeout=5s }'
    const findings = examine({ parameters: { smtpd_milters } })
    expect(find(findings, 'postfix-milters').level).toBe('ok')
    expect(find(findings, 'postfix-default-action').level).toBe('fault')
    expect(find(findings, 'postfix-command-timeout').level).toBe('warn')
  })

  test('for local mail must be empty', () => {
    const findings = examine({ parameters: { non_smtpd_milters: 'inet:127.0.0.1:8895' } })
    expect(find(findings, 'postfix-non-smtpd').todo).toContain('postconf -e non_smtpd_milters=')
  })

  test('may not leave recipients to a table', () => {
    const findings = examine({ parameters: { relay_recipient_maps: 'hash:/etc/postfix/relay' } })
    expect(find(findings, 'postfix-relay-recipients').level).toBe('fault')
  })

  test('may not switch all filters off', () => {
    const findings = examine({ parameters: { receive_override_options: 'no_milters' } })
    expect(find(findings, 'postfix-bypass').level).toBe('fault')
  })
})

describe('a Unix socket and the chroot', () => {
  const spool = 'unix:/var/spool/postfix/timedelay/milter.sock'

  test('agree on a relative path', () => {
    const findings = examine({ parameters: { smtpd_milters: 'unix:timedelay/milter.sock' } }, side(spool))
    expect(find(findings, 'postfix-milters').level).toBe('ok')
  })

  test('do not agree on an absolute one: that is looked up inside', () => {
    const findings = examine(
      { parameters: { smtpd_milters: 'unix:/run/timedelay/milter.sock' } },
      side('unix:/run/timedelay/milter.sock'),
    )
    const found = find(findings, 'postfix-chroot')
    expect(found.level).toBe('fault')
    expect(found.todo).toContain('unix:/var/spool/postfix/timedelay/milter.sock')
  })

  test('do agree on an absolute path that lies below the queue directory from inside', () => {
    const findings = examine({ parameters: { smtpd_milters: 'unix:/timedelay/milter.sock' } }, side(spool))
    expect(find(findings, 'postfix-milters').level).toBe('ok')
  })

  test('need not agree where master.cf has no chroot', () => {
    const open = { ...facts(), services: readMaster('smtp inet n - n - - smtpd', false) }
    expect(smtpdInChroot(open)).toBe(false)
    expect(clientSpec({ spec: 'unix:/run/td.sock', settings: new Map() }, open, false)).toEqual({
      kind: 'unix',
      path: '/run/td.sock',
    })
  })
})

describe('the route of unrewritten mail', () => {
  test('is the loop as we teach it', () => {
    expect(find(examine({}), 'postfix-route').level).toBe('ok')
  })

  test.each([
    ['discard:', 'throws mail'],
    ['error:no', 'before asking the filter'],
    ['retry:later', 'before asking the filter'],
    ['smtp:[127.0.0.1]', 'port 25'],
    ['smtp:[127.0.0.1]:25', 'port 25'],
  ])('may not be %s', (value, says) => {
    const found = find(examine(transport(value)), 'postfix-route')
    expect(found).toMatchObject({ level: 'fault', says: expect.stringContaining(says) })
  })

  test('elsewhere is allowed, with a warning', () => {
    expect(find(examine(transport('smtp:[192.0.2.1]')), 'postfix-route').level).toBe('warn')
  })

  test('is missed where there is none', () => {
    expect(find(examine({ domain: { transport: undefined } }), 'postfix-route').level).toBe('fault')
  })

  test('needs the port in master.cf', () => {
    const found = find(examine({ master: [] }), 'postfix-route')
    expect(found.todo).toContain(LOOP)
  })

  test('needs a filter behind that port', () => {
    const blind = [LOOP, '  -o smtpd_milters=']
    const found = find(examine({ master: blind }), 'postfix-route')
    expect(found).toMatchObject({ level: 'fault', says: expect.stringContaining('too many hops') })
  })

  test('needs somebody who listens there', () => {
    expect(find(examine({ domain: { loopListens: false } }), 'postfix-route').level).toBe('fault')
  })

  test('is lost on a map that nobody built', () => {
    const findings = examine(transport('smtp:[127.0.0.1]:10026', true))
    expect(find(findings, 'postfix-map').todo).toBe('postmap hash:/etc/postfix/transport')
  })

  test('by a catch-all alias is a warning', () => {
    const catchAll = { value: 'plain@example.com', table: 'hash:/etc/postfix/virtual', stale: false }
    const found = find(examine({ domain: { catchAll } }), 'postfix-catch-all')
    expect(found).toMatchObject({ level: 'warn', todo: expect.stringContaining('/etc/postfix/virtual') })
  })
})

describe('a service that takes mail past the filter', () => {
  test('is a warning where it is not the loop', () => {
    const submission = ['submission inet n - y - - smtpd', '  -o smtpd_milters=', LOOP]
    const found = find(examine({ master: submission }), 'postfix-bypass')
    expect(found).toMatchObject({ level: 'warn', says: expect.stringContaining('submission') })
  })
})

describe('the address class of our domain', () => {
  test.each([
    [['mydestination'], 'fault'],
    [['relay_domains', 'mydestination'], 'fault'],
    [['virtual_alias_domains'], 'fault'],
    [['virtual_mailbox_domains'], 'warn'],
    [[], 'fault'],
    [['relay_domains'], 'ok'],
  ])('%j is %s', (classes, level) => {
    expect(find(examine({ domain: { classes } }), 'postfix-class').level).toBe(level)
  })
})
