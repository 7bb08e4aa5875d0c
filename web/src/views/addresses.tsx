// Replaced by the view itself.
export function AddressesView() {
  return <h1>Addresses</h1>
}

export function StillTryingView() {
  return <h1>Still trying</h1>
}
