// Postfix's two files as text: main.cf where postconf cannot be asked, and master.cf in any case.

import { logicalLines } from './tables.ts'

/** One line of master.cf. */
export interface MasterService {
  /** `smtp`, `127.0.0.1:10026`. */
  readonly name: string
  readonly type: string
  /** True where the column says y, or nothing and y is this Postfix's default. */
  readonly chroot: boolean
  /** `smtpd`, `cleanup`. */
  readonly program: string
  /** `-o name=value`, by name. */
  readonly overrides: ReadonlyMap<string, string>
}

/** Postfix 3.7's values where main.cf says nothing. */
const DEFAULTS: Readonly<Record<string, string>> = {
  compatibility_level: '0',
  queue_directory: '/var/spool/postfix',
  mail_owner: 'postfix',
  smtpd_milters: '',
  non_smtpd_milters: '',
  milter_default_action: 'tempfail',
  milter_connect_timeout: '30s',
  milter_command_timeout: '30s',
  milter_content_timeout: '300s',
  receive_override_options: '',
  relay_domains: '',
  relay_recipient_maps: '',
  transport_maps: '',
  mydestination: '$myhostname, localhost.$mydomain, localhost',
  virtual_alias_domains: '$virtual_alias_maps',
  virtual_alias_maps: '',
  virtual_mailbox_domains: '',
  alias_maps: '',
}

/** The parameters that the doctor asks for. */
export const PARAMETERS = Object.keys(DEFAULTS)

/** `name = value` lines of main.cf or of postconf; a later one wins. */
export function readParameters(text: string): ReadonlyMap<string, string> {
  return new Map(
    logicalLines(text).flatMap((line) => {
      const found = /^([A-Za-z0-9_]+)\s*=\s*(.*)$/s.exec(line)
      return found === null ? [] : [[found[1]!, found[2]!.trim()] as const]
    }),
  )
}

/** What main.cf says, with the defaults behind it and `$name` replaced. Used only where there is no postconf. */
export function completeParameters(mainCf: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const all = new Map([...Object.entries(DEFAULTS), ...mainCf])
  return new Map([...all].map(([name, value]) => [name, expand(value, all, 0)]))
}

/** `$name`, `${name}`, `$(name)`; an unknown name is empty. Ten steps deep at most, against circles. */
function expand(value: string, all: ReadonlyMap<string, string>, depth: number): string {
  if (depth > 10) return value
  return value.replace(
    /\$(?:(\w+)|\{(\w+)\}|\((\w+)\))/g,
    (_, bare?: string, braced?: string, round?: string) =>
      expand(all.get(bare ?? braced ?? round ?? '') ?? '', all, depth + 1),
  )
}

/** The services of master.cf. `chrootDefault` is what `-` in the chroot column means. */
export function readMaster(text: string, chrootDefault: boolean): readonly MasterService[] {
  return logicalLines(text).flatMap((line) => {
    const [name, type, , , chroot, , , program, ...args] = line.split(/\s+/)
    if (name === undefined || type === undefined || program === undefined) return []
    const inChroot = chroot === '-' ? chrootDefault : chroot === 'y'
    return [{ name, type, chroot: inChroot, program, overrides: readOverrides(args.join(' ')) }]
  })
}

/** `-o name=value` and `-o { name = value with blanks }`. */
function readOverrides(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/-o\s+(?:\{\s*([A-Za-z0-9_]+)\s*=\s*([^}]*?)\s*\}|([A-Za-z0-9_]+)=(\S*))/g)
  return new Map([...found].map(([, long, longValue, short, value]) => [long ?? short!, longValue ?? value!]))
}

/** One entry of smtpd_milters: `unix:td.sock`, or `{ unix:td.sock, default_action=accept }`. */
export interface MilterEntry {
  readonly spec: string
  readonly settings: ReadonlyMap<string, string>
}

export function readMilterList(text: string): readonly MilterEntry[] {
  return [...text.matchAll(/\{([^}]*)\}|([^\s,{}]+)/g)].map(([, group, bare]) => {
    const [spec = '', ...settings] = (group ?? bare ?? '').trim().split(/[\s,]+(?=\S)/)
    const pairs = settings.join(' ').matchAll(/(\w+)\s*=\s*([^\s,]+)/g)
    return {
      spec: spec.replace(/,$/, ''),
      settings: new Map([...pairs].map(([, name, value]) => [name!, value!])),
    }
  })
}

/** `30s`, `5m`, `1h`; seconds where no unit stands. Milliseconds, or nothing. */
export function readPostfixTime(text: string): number | undefined {
  const found = /^(\d+)\s*([smhdw]?)$/.exec(text.trim())
  if (found === null) return undefined
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  return Number(found[1]) * 1000 * (units[found[2] || 's'] ?? 1)
}

/** Blanks or commas between the items of a list; `{ a b }` stays one. */
export function readList(text: string): readonly string[] {
  return (text.match(/\{[^}]*\}|[^\s,]+/g) ?? []).map((item) => item.trim())
}
