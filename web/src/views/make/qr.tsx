// The address as a QR code: an inline SVG, dark on light in both themes, with four modules of margin.

import { useMemo } from 'preact/hooks'
import { encodeQr, type Modules } from './qr-code.ts'

const MARGIN = 4

export function QrCode({ text, label = 'The address as a QR code' }: { text: string; label?: string }) {
  const code = useMemo(() => (text === '' ? undefined : encodeQr(text)), [text])
  if (code === undefined) return <span class="qr" />
  const size = code.length + 2 * MARGIN
  return (
    <svg
      class="qr"
      viewBox={`${-MARGIN} ${-MARGIN} ${size} ${size}`}
      shape-rendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <path d={pathOf(code)} />
    </svg>
  )
}

/** One rectangle for each run of dark modules in a row. */
export function pathOf(rows: Modules): string {
  let path = ''
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue
      const from = x
      while (row[x + 1] === true) x++
      path += `M${from} ${y}h${x + 1 - from}v1h${from - x - 1}z`
    }
  })
  return path
}
