import { describe, expect, test } from 'vitest'
import { type DomainName, parseDomainName } from '../../../src/address/index.ts'
import { findMilter } from '../../../src/milter/index.ts'
import { readSendmailCf } from '../../../src/service/doctor/cf.ts'
import {
  formatMtaConfiguration,
  type Installation,
  type MtaConfiguration,
  mtaConfiguration,
} from '../../../src/service/mta/index.ts'

function domain(name: string): DomainName {
  return parseDomainName(name)!
}

function anInstallation(change: Partial<Installation> = {}): Installation {
  return {
    domains: [domain('td.example.com')],
    listeners: ['inet:8895@127.0.0.1'],
    handlerDeadline: 8000,
    ...change,
  }
}

function configured(mta: 'sendmail' | 'postfix', change: Partial<Installation> = {}): MtaConfiguration {
  const made = mtaConfiguration(mta, anInstallation(change))
  if (made.kind === 'refused') throw new Error(made.says)
  return made
}

function refusal(mta: 'sendmail' | 'postfix', change: Partial<Installation>): string {
  const made = mtaConfiguration(mta, anInstallation(change))
  return made.kind === 'refused' ? made.says : 'not refused'
}

function textOf(configuration: MtaConfiguration, file: string): string {
  return configuration.blocks
    .filter((block) => block.file === file)
    .map((block) => block.text)
    .join('')
}

describe('the configuration for sendmail', () => {
  test('puts mail off while the filter is down, with time limits above our own', () => {
    const mc = textOf(configured('sendmail'), '/etc/mail/sendmail.mc')
    expect(mc).toContain(
      "INPUT_MAIL_FILTER(`timedelay', `S=inet:8895@127.0.0.1, F=T, T=C:30s;S:10s;R:30s;E:120s')dnl\n",
    )
  })

  test('waits three times as long as an answer may take', () => {
    const mc = textOf(configured('sendmail', { handlerDeadline: 20_000 }), '/etc/mail/sendmail.mc')
    expect(mc).toContain('R:60s;E:240s')
  })

  test('sends unrewritten mail back to its own port, by a mailer that may talk to itself', () => {
    const configuration = configured('sendmail', { loopPort: 2525 })
    expect(textOf(configuration, '/etc/mail/mailertable')).toBe('td.example.com\ttdloop:[127.0.0.1]\n')
    const mailer = readSendmailCf(textOf(configuration, '/etc/mail/sendmail.mc')).mailers.get('tdloop')
    expect(mailer).toEqual({ program: '[IPC]', flags: expect.stringContaining('k'), port: 2525 })
  })

  test('names every domain in the routing table and in class R', () => {
    const configuration = configured('sendmail', {
      domains: [domain('td.example.com'), domain('td.example.org')],
    })
    expect(textOf(configuration, '/etc/mail/mailertable').split('\n')).toHaveLength(3)
    const mc = textOf(configuration, '/etc/mail/sendmail.mc')
    expect(mc).toContain("RELAY_DOMAIN(`td.example.com')dnl\nRELAY_DOMAIN(`td.example.org')dnl\n")
  })

  test('quotes a label twice that m4 would take for a macro', () => {
    const mc = textOf(configured('sendmail', { domains: [domain('td.shift.com')] }), '/etc/mail/sendmail.mc')
    expect(mc).toContain("RELAY_DOMAIN(``td.shift.com'')dnl")
  })

  test('gives a listener on every address a host to connect to', () => {
    const mc = textOf(configured('sendmail', { listeners: ['inet:8895'] }), '/etc/mail/sendmail.mc')
    expect(mc).toContain('S=inet:8895@127.0.0.1,')
  })

  test('prefers the Unix socket and says what its directories must be', () => {
    const configuration = configured('sendmail', {
      listeners: ['inet:8895@127.0.0.1', 'unix:/run/timedelay/milter.sock'],
    })
    expect(textOf(configuration, '/etc/mail/sendmail.mc')).toContain('S=unix:/run/timedelay/milter.sock,')
    expect(configuration.remarks.join(' ')).toContain('No directory above /run/timedelay/milter.sock')
    expect(configuration.remarks.join(' ')).toContain('also listens on inet:8895@127.0.0.1')
  })

  test('is an X line that our own reader understands', () => {
    const mc = textOf(configured('sendmail'), '/etc/mail/sendmail.mc')
    const equates = /INPUT_MAIL_FILTER\(`timedelay', `([^']*)'\)/.exec(mc)?.[1]
    const milter = findMilter(`Xtimedelay, ${equates}\nO InputMailFilters=timedelay\n`, 'timedelay')
    expect(milter).toMatchObject({ spec: 'inet:8895@127.0.0.1', failure: 'T', listed: true })
    expect(milter?.timeouts.endOfMessage).toBeGreaterThan(milter?.timeouts.reply ?? 0)
  })
})

describe('the configuration for Postfix', () => {
  test('puts mail off while the filter is down and leaves local submission alone', () => {
    expect(textOf(configured('postfix'), '/etc/postfix/main.cf')).toBe(
      [
        'smtpd_milters = inet:127.0.0.1:8895',
        'non_smtpd_milters =',
        'milter_default_action = tempfail',
        'milter_connect_timeout = 10s',
        'milter_command_timeout = 30s',
        'milter_content_timeout = 120s',
        'relay_domains = td.example.com',
        'relay_recipient_maps =',
        'transport_maps = texthash:/etc/postfix/transport',
        '',
      ].join('\n'),
    )
  })

  test('leads unrewritten mail to a second port that master.cf opens', () => {
    const configuration = configured('postfix', { loopPort: 10027 })
    expect(textOf(configuration, '/etc/postfix/transport')).toBe('td.example.com\tsmtp:[127.0.0.1]:10027\n')
    expect(textOf(configuration, '/etc/postfix/master.cf')).toBe('127.0.0.1:10027 inet n - y - - smtpd\n')
  })

  test('refuses port 25 for the loop, which Postfix would bounce', () => {
    expect(refusal('postfix', { loopPort: 25 })).toContain('10026')
  })

  test('names a socket in the queue directory by its relative path, which holds in the chroot too', () => {
    const configuration = configured('postfix', {
      listeners: ['inet:8895@127.0.0.1', 'unix:/var/spool/postfix/timedelay/milter.sock'],
    })
    expect(textOf(configuration, '/etc/postfix/main.cf')).toContain(
      'smtpd_milters = unix:timedelay/milter.sock\n',
    )
    expect(configuration.remarks.join(' ')).not.toContain('NOT WORK')
  })

  test('prefers TCP to a socket outside the queue directory', () => {
    const configuration = configured('postfix', {
      listeners: ['unix:/run/timedelay/milter.sock', 'inet6:8895@::1'],
    })
    expect(textOf(configuration, '/etc/postfix/main.cf')).toContain('smtpd_milters = inet:[::1]:8895\n')
  })

  test('warns where the only socket is outside the chroot, and says where Postfix will look', () => {
    const configuration = configured('postfix', { listeners: ['unix:/run/timedelay/milter.sock'] })
    const remarks = configuration.remarks.join(' ')
    expect(remarks).toContain('WILL NOT WORK')
    expect(remarks).toContain('/var/spool/postfix/run/timedelay/milter.sock')
  })

  test('takes the queue directory and the configuration folder of another instance', () => {
    const configuration = configured('postfix', {
      directory: '/etc/postfix-td',
      queueDirectory: '/var/spool/postfix-td/',
      listeners: ['unix:/var/spool/postfix-td/td.sock'],
    })
    expect(configuration.blocks.map(({ file }) => file)).toEqual([
      '/etc/postfix-td/main.cf',
      '/etc/postfix-td/transport',
      '/etc/postfix-td/master.cf',
    ])
    expect(textOf(configuration, '/etc/postfix-td/main.cf')).toContain('smtpd_milters = unix:td.sock\n')
  })
})

describe.each(['sendmail', 'postfix'] as const)('there is no configuration for %s', (mta) => {
  test.each([
    ['without a domain', { domains: [] }, 'timedelay domain add'],
    ['without a listener', { listeners: [] }, '--milter'],
    ['for a port that changes at every start', { listeners: ['inet:0@127.0.0.1'] }, 'fixed'],
    ['for a path that a mail server would misread', { listeners: ["unix:/run/it's/td.sock"] }, 'misread'],
    ['for a path that depends on the folder', { listeners: ['unix:./td.sock'] }, 'begins with /'],
  ])('%s', (_, change, says) => {
    expect(refusal(mta, change)).toContain(says)
  })
})

describe('the printed text', () => {
  test.each(['sendmail', 'postfix'] as const)('has every line of every block of %s in column one', (mta) => {
    const configuration = configured(mta)
    const printed = formatMtaConfiguration(configuration).split('\n')
    for (const { text } of configuration.blocks) {
      for (const line of text.trimEnd().split('\n')) expect(printed).toContain(line)
    }
  })

  test.each(['sendmail', 'postfix'] as const)('marks everything else of %s as a comment', (mta) => {
    const configuration = configured(mta)
    const meant = new Set([
      ...configuration.blocks.flatMap(({ text }) => text.split('\n')),
      ...configuration.steps.map(({ command }) => command),
    ])
    for (const line of formatMtaConfiguration(configuration).split('\n')) {
      if (!meant.has(line)) expect(line).toMatch(/^(?:dnl )?# .{0,78}$|^$/)
    }
  })

  test('hides the comments of sendmail.mc from m4, which expands MAILER behind a # too', () => {
    const printed = formatMtaConfiguration(configured('sendmail'))
    const mc = printed.slice(
      printed.indexOf('---- /etc/mail/sendmail.mc'),
      printed.indexOf('---- /etc/mail/mailertable'),
    )
    for (const line of mc.split('\n').slice(1)) {
      if (line.includes('#') && line !== '# ') expect(line).toMatch(/^dnl /)
    }
  })
})
