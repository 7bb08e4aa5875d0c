// Takes an address apart for the eye: who, from, days, seal, at. It does not judge; the service does.

export interface Anatomy {
  readonly who: string
  readonly from: string
  readonly days: string
  /** Salt and tag; empty in an address without a seal. */
  readonly seal: string
  /** `@domain`, or empty. */
  readonly at: string
}

/** Answers undefined for a text that does not look like one of ours. */
export function takeApart(address: string): Anatomy | undefined {
  const [, who, from, days, seal, at] =
    /^([a-z]{2,16})(\d{8})(\d{2})([0-9a-z]{6}|[0-9a-z]{9})?(@.*)?$/i.exec(address) ?? []
  if (who === undefined || from === undefined || days === undefined) return undefined
  return { who, from, days, seal: seal ?? '', at: at ?? '' }
}

/** The local part, without the domain. */
export function localOf(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 0 ? address : address.slice(0, at)
}

/** An address as a screen reader should say it: letter by letter where letters are a code. */
export function spellOut(anatomy: Anatomy, from: string, sealedFor: string): string {
  const parts = [`Address: ${[...anatomy.who].join(' ')}`, `from ${from}`]
  if (anatomy.days !== '') parts.push(`for ${Number(anatomy.days)} days`)
  if (anatomy.seal !== '') parts.push(sealedFor === '' ? 'with a seal' : `sealed for ${sealedFor}`)
  if (anatomy.at !== '') parts.push(`at ${anatomy.at.slice(1)}`)
  return parts.join(', ')
}
