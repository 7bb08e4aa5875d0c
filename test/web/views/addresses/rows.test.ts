import { describe, expect, it } from 'vitest'
import { type KeyContext, rowKey, settled, toggled } from '../../../../web/src/views/addresses/rows.ts'

const row: KeyContext = { at: 3, count: 12, revoked: false, open: false, letters: true }

describe('keys in the table', () => {
  it('move by row and stop at the ends', () => {
    expect(rowKey('ArrowDown', row)).toEqual({ kind: 'move', to: 4 })
    expect(rowKey('ArrowUp', row)).toEqual({ kind: 'move', to: 2 })
    expect(rowKey('Home', row)).toEqual({ kind: 'move', to: 0 })
    expect(rowKey('End', row)).toEqual({ kind: 'move', to: 11 })
    expect(rowKey('ArrowDown', { ...row, at: 11 })).toBeUndefined()
    expect(rowKey('ArrowUp', { ...row, at: 0 })).toBeUndefined()
    expect(rowKey('End', { ...row, at: 0, count: 0 })).toBeUndefined()
  })

  it('copy, extend, revoke and explain', () => {
    expect(rowKey('c', row)).toEqual({ kind: 'act', action: 'copy' })
    expect(rowKey('x', row)).toEqual({ kind: 'open', panel: 'extend' })
    expect(rowKey('r', row)).toEqual({ kind: 'open', panel: 'revoke' })
    expect(rowKey('e', row)).toEqual({ kind: 'act', action: 'explain' })
  })

  it('restore what is revoked, without a question', () => {
    expect(rowKey('r', { ...row, revoked: true })).toEqual({ kind: 'act', action: 'restore' })
  })

  it('leave single letters alone when they are switched off', () => {
    for (const key of ['c', 'x', 'r', 'e']) expect(rowKey(key, { ...row, letters: false })).toBeUndefined()
    expect(rowKey('ArrowDown', { ...row, letters: false })).toBeDefined()
  })

  it('close an open row only', () => {
    expect(rowKey('Escape', { ...row, open: true })).toEqual({ kind: 'close' })
    expect(rowKey('Escape', row)).toBeUndefined()
  })
})

describe('an open row', () => {
  it('closes when the same is asked again, and changes its panel when another is', () => {
    const opened = toggled({ at: 0, open: undefined }, 2, 'a@x', 'extend')
    expect(opened).toEqual({ at: 2, open: { address: 'a@x', panel: 'extend' } })
    expect(toggled(opened, 2, 'a@x', 'extend')).toEqual({ at: 2, open: undefined })
    expect(toggled(opened, 2, 'a@x', 'revoke').open?.panel).toBe('revoke')
    expect(toggled(opened, 5, 'b@x', 'extend')).toEqual({ at: 5, open: { address: 'b@x', panel: 'extend' } })
  })

  it('stays open while new rows come, if it is among them', () => {
    const rows = { at: 9, open: { address: 'b@x', panel: 'record' } } as const
    expect(settled(rows, ['a@x', 'b@x'])).toEqual({ at: 1, open: rows.open })
    expect(settled(rows, ['a@x'])).toEqual({ at: 0, open: undefined })
    expect(settled(rows, []).at).toBe(0)
  })
})
