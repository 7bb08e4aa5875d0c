/** What went wrong with the milter, as its MTA would see it. */
export type SimulatorFault =
  /** Nobody answers at its socket, or we may not connect. */
  | 'unreachable'
  /** It closed the connection although an answer was due. */
  | 'closed'
  /** It did not answer in time. */
  | 'timeout'
  /** It asked for more than was offered, or for a version that the MTA does not speak. */
  | 'negotiation'
  /** It sent what may not be sent there, twice, or broken. */
  | 'protocol'

/** The only error that the simulator throws for what a milter does. Its message is a sentence for people. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError'
  readonly fault: SimulatorFault

  constructor(fault: SimulatorFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
