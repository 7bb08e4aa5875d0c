export function SignInView(_: { again?: boolean }) {
  return <h1>Sign in</h1>
}
