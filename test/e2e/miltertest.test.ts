// An MTA simulator that we did not write: miltertest, of the OpenDKIM project, drives our service by a script in Lua.

import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { libraryPath, mailServersMissing, unpacked } from '../support/mta/packages.ts'
import { run } from '../support/mta/process-group.ts'
import { address, Service } from '../support/mta/service.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('miltertest')

/** What every script begins with: a connection up to MAIL, and questions that end the script when the answer is wrong. */
const PRELUDE = `
local function must(what, fault)
  if fault ~= nil then error(what .. ": " .. fault) end
end
function is(what, seen, wanted)
  if seen ~= wanted then error(what .. ": " .. tostring(seen) .. " instead of " .. tostring(wanted)) end
end
conn = mt.connect(spec)
if conn == nil then error("no connection") end
must("negotiate", mt.negotiate(conn, 6, nil, nil))
function mail()
  must("macro", mt.macro(conn, SMFIC_MAIL, "i", "4AbCdEf012345"))
  must("mail", mt.mailfrom(conn, "<shop@elsewhere.example>"))
  is("reply to MAIL", mt.getreply(conn), SMFIR_CONTINUE)
end
function rcpt(recipient, wanted)
  must("rcpt", mt.rcptto(conn, recipient))
  is("reply to " .. recipient, mt.getreply(conn), wanted)
end
function changed(op, recipient, wanted)
  is("change of " .. recipient, mt.eom_check(conn, op, recipient), wanted)
end
`

describe.skipIf(missing)('driven by miltertest', () => {
  let service: Service

  beforeAll(async () => {
    service = await Service.prepare()
    await service.start()
  })
  afterAll(() => service?.remove())

  async function script(text: string): Promise<void> {
    const words = {
      spec: service.spec.replace('local:', 'unix:'),
      ours: address('djb'),
      second: address('joe'),
    }
    const defined = Object.entries({ ...words, expired: address('djb', 5, -10) })
    const { status, output } = await run(
      join(unpacked('miltertest'), 'usr/bin/miltertest'),
      defined.flatMap(([name, value]) => ['-D', `${name}=${value}`]),
      {
        env: { ...process.env, LD_LIBRARY_PATH: libraryPath('miltertest') },
        input: `${PRELUDE}${text}\nmt.disconnect(conn)\nmt.echo("finished")\n`,
      },
    )
    expect(output).toContain('finished')
    expect(status).toBe(0)
  }

  it('105. rewrites ours at end of message, in the bytes that an independent program expects', () =>
    script(`
mail()
rcpt("<plain@example.com>", SMFIR_CONTINUE)
rcpt("<" .. ours .. ">", SMFIR_CONTINUE)
rcpt("<" .. expired .. ">", SMFIR_REPLYCODE)
mt.eom(conn)
is("verdict", mt.getreply(conn), SMFIR_CONTINUE)
changed(MT_RCPTDELETE, "<" .. ours .. ">", true)
changed(MT_RCPTADD, "<dredd@example.com>", true)
changed(MT_RCPTDELETE, "<plain@example.com>", false)
changed(MT_RCPTDELETE, "<" .. expired .. ">", false)`))

  it('105. forgets an aborted message', () =>
    script(`
mail()
rcpt("<" .. ours .. ">", SMFIR_CONTINUE)
mt.abort(conn)
mail()
rcpt("<" .. second .. ">", SMFIR_CONTINUE)
mt.eom(conn)
is("verdict", mt.getreply(conn), SMFIR_CONTINUE)
changed(MT_RCPTADD, "<anderson@example.com>", true)
changed(MT_RCPTADD, "<dredd@example.com>", false)
changed(MT_RCPTDELETE, "<" .. ours .. ">", false)`))
})
