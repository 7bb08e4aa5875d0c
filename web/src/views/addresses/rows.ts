// Which row has the place, which one is open and for what: pure, so that keys, clicks and taps cannot disagree.

/** What an open row shows: its record, the date to extend it to, or the question before it is revoked. */
export type Panel = 'record' | 'extend' | 'revoke'

export interface Rows {
  /** The row that Tab reaches and that keys act on. */
  readonly at: number
  readonly open: { readonly address: string; readonly panel: Panel } | undefined
}

export type RowKey =
  | { readonly kind: 'move'; readonly to: number }
  | { readonly kind: 'open'; readonly panel: Panel }
  | { readonly kind: 'act'; readonly action: 'copy' | 'restore' | 'explain' }
  | { readonly kind: 'close' }

export interface KeyContext {
  readonly at: number
  readonly count: number
  readonly revoked: boolean
  readonly open: boolean
  /** Single letters are keys here: nobody has switched them off, and nothing is being typed. */
  readonly letters: boolean
}

/** What a key means in the table; nothing when it means what it always does. */
export function rowKey(key: string, { at, count, revoked, open, letters }: KeyContext): RowKey | undefined {
  switch (key) {
    case 'ArrowDown':
      return moved(at, Math.min(at + 1, count - 1))
    case 'ArrowUp':
      return moved(at, Math.max(at - 1, 0))
    case 'Home':
      return moved(at, 0)
    case 'End':
      return moved(at, count - 1)
    case 'Escape':
      return open ? { kind: 'close' } : undefined
  }
  return letters ? letter(key, revoked) : undefined
}

function letter(key: string, revoked: boolean): RowKey | undefined {
  switch (key) {
    case 'c':
      return { kind: 'act', action: 'copy' }
    case 'x':
      return revoked ? undefined : { kind: 'open', panel: 'extend' }
    case 'r':
      return revoked ? { kind: 'act', action: 'restore' } : { kind: 'open', panel: 'revoke' }
    case 'e':
      return { kind: 'act', action: 'explain' }
    default:
      return undefined
  }
}

function moved(from: number, to: number): RowKey | undefined {
  return to === from || to < 0 ? undefined : { kind: 'move', to }
}

/** The same panel again closes it. */
export function toggled(rows: Rows, at: number, address: string, panel: Panel): Rows {
  const same = rows.open?.address === address && rows.open.panel === panel
  return { at, open: same ? undefined : { address, panel } }
}

/** New rows have come: the place stays as near as it can, and what was open stays open while it is still there. */
export function settled(rows: Rows, addresses: readonly string[]): Rows {
  const open = rows.open !== undefined && addresses.includes(rows.open.address) ? rows.open : undefined
  return { at: Math.max(0, Math.min(rows.at, addresses.length - 1)), open }
}
