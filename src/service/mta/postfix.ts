// The configuration for Postfix: filter, loop route and the second port that makes the loop possible.
//
// Mail to one of our domains that nobody has rewritten (it came by a virtual alias, or from the sendmail command) is
// sent to a second SMTP port of the same server, where the filter sees it. Port 25 will not do: Postfix's own client
// takes that for a loop and bounces.

import { formatPostfixSpec, type SocketSpec } from '../../milter/index.ts'
import type { Installation, MtaConfiguration, NoConfiguration } from './configuration.ts'
import { otherListeners, refused, replySeconds, usableListeners } from './listener.ts'

export function postfixConfiguration(installation: Installation): MtaConfiguration | NoConfiguration {
  const listeners = usableListeners(installation)
  if ('kind' in listeners) return listeners
  const queue = (installation.queueDirectory ?? '/var/spool/postfix').replace(/\/+$/, '')
  const directory = installation.directory ?? '/etc/postfix'
  const port = installation.loopPort ?? 10026
  if (port === 25) {
    return refused(
      'Postfix takes mail to its own port 25 for a loop and bounces it: choose another loop port, such as 10026.',
    )
  }
  const listener = chooseListener(listeners, queue)
  return {
    kind: 'configuration',
    mta: 'postfix',
    remarks: [
      ...otherListeners(listener, listeners),
      ...socketRemarks(listener, queue),
      'Where main.cf sets smtpd_milters, relay_domains or transport_maps already, add our value to that line instead: the last line of a name wins.',
      'Before 3.9 Postfix lets a second message hide behind a bare line feed (CVE-2023-51764): add smtpd_forbid_bare_newline = normalize, which 3.7.9 and newer know.',
      `Do not name ${installation.domains.join(' or ')} in mydestination, virtual_alias_domains or virtual_mailbox_domains.`,
    ],
    blocks: [
      {
        file: `${directory}/main.cf`,
        purpose:
          'At the end. The filter, and tempfail so that mail is put off while it is down; how long to wait for it; our domains, and the way of their unrewritten mail. The two empty values are meant.',
        text: mainLines(installation, spelled(listener, queue), directory),
      },
      {
        file: `${directory}/transport`,
        purpose: 'Add these lines: unrewritten mail goes back to this server, through the filter.',
        text: installation.domains.map((domain) => `${domain}\tsmtp:[127.0.0.1]:${port}\n`).join(''),
      },
      {
        file: `${directory}/master.cf`,
        purpose: 'At the end. The port that the transport leads to; it must not be reachable from outside.',
        text: `127.0.0.1:${port} inet n - y - - smtpd\n`,
      },
    ],
    steps: [
      {
        command: `postfix -c ${directory} check`,
        purpose: 'says what is wrong, and nothing when all is well',
      },
      { command: `postfix -c ${directory} reload`, purpose: 'Postfix reads its configuration again' },
      { command: 'timedelay doctor', purpose: 'tells whether everything fits together' },
    ],
  }
}

function mainLines(installation: Installation, spec: string, directory: string): string {
  const reply = replySeconds(installation.handlerDeadline)
  return [
    `smtpd_milters = ${spec}`,
    'non_smtpd_milters =',
    'milter_default_action = tempfail',
    'milter_connect_timeout = 10s',
    `milter_command_timeout = ${reply}s`,
    `milter_content_timeout = ${4 * reply}s`,
    `relay_domains = ${installation.domains.join(', ')}`,
    'relay_recipient_maps =',
    `transport_maps = texthash:${directory}/transport`,
    '',
  ].join('\n')
}

/** A socket inside the queue directory first, then TCP; a socket elsewhere only where there is nothing else. */
function chooseListener(listeners: readonly SocketSpec[], queue: string): SocketSpec {
  return (
    listeners.find((spec) => spec.kind === 'unix' && isInside(spec.path, queue)) ??
    listeners.find((spec) => spec.kind !== 'unix') ??
    listeners[0]!
  )
}

/** Relative to the queue directory, a path holds with and without chroot; an absolute one only without. */
function spelled(listener: SocketSpec, queue: string): string {
  return listener.kind === 'unix' && isInside(listener.path, queue)
    ? `unix:${listener.path.slice(queue.length + 1)}`
    : formatPostfixSpec(listener)
}

function socketRemarks(listener: SocketSpec, queue: string): readonly string[] {
  if (listener.kind !== 'unix') return []
  const access =
    'Postfix connects as user postfix: the socket needs mode 660 and group postfix, its directory 750.'
  if (isInside(listener.path, queue)) return [access]
  return [
    `THIS WILL NOT WORK with Debian's master.cf: smtpd runs in a chroot there and looks for ${queue}${listener.path}. Let the milter listen on unix:${queue}/timedelay/milter.sock or on inet:8895@127.0.0.1 instead, and print this again.`,
    access,
  ]
}

function isInside(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`)
}
