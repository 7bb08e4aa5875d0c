// Replaced by the view itself.
export function MappingsView() {
  return <h1>Mappings</h1>
}

export function TokensView() {
  return <h1>Tokens</h1>
}
