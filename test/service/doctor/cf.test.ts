import { describe, expect, test } from 'vitest'
import { readSendmailCf } from '../../../src/service/doctor/cf.ts'

describe('sendmail.cf', () => {
  test('gives classes, maps, mailers and options', () => {
    const cf = readSendmailCf(
      [
        'Cwlocalhost mail.example.com',
        'Fw-o /etc/mail/local-host-names %[^\\#]',
        'F{w}|/bin/hostnames',
        'C{R}td.example.com',
        'FR-o /etc/mail/relay-domains',
        'Kmailertable hash -o /etc/mail/mailertable.db',
        'Kaccess hash -T<TMPF> /etc/mail/access',
        'Kdequote dequote',
        'O RunAsUser=smmta:smmsp',
        'O DontBlameSendmail=TrustStickyBit,',
        '\tGroupWritableDirPathSafe',
        '#O AliasFile=/no',
        'O AliasFile=/etc/mail/aliases, dbm:/etc/more',
        'Mlocal, P=/usr/bin/procmail, F=lsDFMAw5:/|@qSPfhn9, A=procmail -a $h',
        'Mtdloop,\tP=[IPC], F=mDFMuXk,',
        '\t\tA=TCP $h 2525',
      ].join('\n'),
    )
    expect(cf.ownNames).toEqual({
      names: ['localhost', 'mail.example.com'],
      files: ['/etc/mail/local-host-names'],
    })
    expect(cf.relayNames).toEqual({ names: ['td.example.com'], files: ['/etc/mail/relay-domains'] })
    expect([...cf.maps]).toEqual([
      ['mailertable', '/etc/mail/mailertable'],
      ['access', '/etc/mail/access'],
    ])
    expect(cf.runAsUser).toBe('smmta')
    expect(cf.dontBlame).toEqual(['TrustStickyBit', 'GroupWritableDirPathSafe'])
    expect(cf.aliasFiles).toEqual(['/etc/mail/aliases', '/etc/more'])
    expect(cf.mailers.get('local')?.port).toBeUndefined()
    expect(cf.mailers.get('tdloop')).toEqual({ program: '[IPC]', flags: 'mDFMuXk', port: 2525 })
  })
})
