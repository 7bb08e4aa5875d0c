// What people paste as a site: often a whole address of a page. Only the host name counts.

/** The host name in a text: "https://Shop.example/cart?x" is "shop.example". The service judges what is left. */
export function siteIn(text: string): string {
  const bare = text.trim().toLowerCase()
  const [, host = bare] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]*)/.exec(bare) ?? []
  const [, name = host] = /^([^/?#:@\s]+)(?:[/?#:].*)?$/.exec(host) ?? []
  return asciiOf(name).replace(/\.$/, '')
}

/** Other alphabets travel as xn-- (RFC 5891), which is the same site; what cannot stays, and the service says why. */
function asciiOf(name: string): string {
  const url = `http://${name}`
  return /[^ -~]/.test(name) && URL.canParse(url) ? new URL(url).hostname : name
}

/** Whether a name is worth asking the service about while somebody still types: it has a dot with letters behind. */
export function looksWhole(site: string): boolean {
  return /^[^\s]+\.[^\s.]{2,}$/.test(site)
}
