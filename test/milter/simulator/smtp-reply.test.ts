import { describe, expect, it } from 'vitest'
import type { MtaKind } from '../../../src/milter/simulator/mta.ts'
import { formatSmtpReply, readReplyCode } from '../../../src/milter/simulator/smtp-reply.ts'

const seen = (like: MtaKind, text: string): string => formatSmtpReply(readReplyCode(like, 'rcpt', text))
const DEFAULT = '550 5.7.1 Command rejected'
const BROKEN = '451 4.3.5 Server configuration problem - try again later'

describe('a reply code packet, as the SMTP client sees it', () => {
  it.each([
    ['550 5.1.1 No such user', '550 5.1.1 No such user', '550 5.1.1 No such user'],
    ['451 4.7.1 100%% later', '451 4.7.1 100% later', '451 4.7.1 100% later'],
    ['550 5.1.1 100% sure', DEFAULT, '550 5.1.1 100 sure'],
    ['451 4.1.1 %', '451 4.3.2 Please try again later', '451 4.1.1 '],
    ['550-5.7.1 one\r\n550 5.7.1 two', '550 5.7.1 one / two', '550 5.7.1 one / two'],
    ['550 No such user', '550 5.0.0 No such user', '550 No such user'],
    ['550 4.1.1 mixed', '550 4.1.1 mixed', BROKEN],
    ['250 2.0.0 fine', DEFAULT, BROKEN],
    ['55', DEFAULT, BROKEN],
    ['', DEFAULT, BROKEN],
    ['550 5.1.1 gr\xfc\xdf', '550 5.1.1 gr|_', '550 5.1.1 gr\xfc\xdf'],
  ])('%j', (text, sendmail, postfix) => {
    expect(seen('sendmail', text)).toBe(sendmail)
    expect(seen('postfix', text)).toBe(postfix)
  })
})
