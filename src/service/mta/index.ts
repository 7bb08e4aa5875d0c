// The door of `service/mta`: the text behind `timedelay mta sendmail|postfix`.

import type { Installation, MtaConfiguration, NoConfiguration } from './configuration.ts'
import { postfixConfiguration } from './postfix.ts'
import { sendmailConfiguration } from './sendmail.ts'

export type {
  ConfigurationBlock,
  ConfigurationStep,
  Installation,
  MtaConfiguration,
  NoConfiguration,
} from './configuration.ts'
export { formatMtaConfiguration } from './text.ts'

/**
 * Complete configuration of the named mail server for this installation: the loop route with mail put off while the
 * filter is down.
 * @throws SpecError for a listener that is no SPEC.
 */
export function mtaConfiguration(
  mta: 'sendmail' | 'postfix',
  installation: Installation,
): MtaConfiguration | NoConfiguration {
  return mta === 'sendmail' ? sendmailConfiguration(installation) : postfixConfiguration(installation)
}
