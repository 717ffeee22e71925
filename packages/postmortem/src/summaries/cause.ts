import { imageName, items, said, sentence, when } from '../said.ts'
import type { Summaries } from './summary.ts'

/** What was held to be the cause, and what followed from it for later. */
export const causeSummaries: Summaries<
  'release.suspected' | 'release.quarantined' | 'policy.changed' | 'postmortem.drafted' | 'event.redacted'
> = {
  'release.suspected'({ verdict, release, tests, candidate }) {
    const version = release === undefined ? 'no release' : `v${said(release.version)}`
    const asked = items(tests)
    const yes = asked.filter(({ answer }) => answer === 'yes').length
    const against = asked
      .filter(({ answer }) => answer !== 'yes')
      .map(({ test, answer, why }) => `${said(test)} ${said(answer)} (${said(why)})`)
    return sentence(
      [
        `${version} is ${said(verdict)}: ${yes} of ${asked.length} tests hold`,
        against.join(', '),
        candidate !== undefined &&
          `candidate v${said(candidate.version)} ${imageName(candidate.image)}${candidate.proven === false ? ', not proven yet' : ''}`,
      ],
      '; ',
    )
  },
  'release.quarantined': ({ version, image, reason }) =>
    `v${said(version)} ${imageName(image)} quarantined: ${said(reason)}`,
  'policy.changed': ({ by, what, digest }) => `policy changed by ${said(by)}: ${said(what)} (now ${said(digest, 12)})`,
  'postmortem.drafted': ({ files, blanks }) =>
    sentence([
      `post-mortem drafted: ${items(files)
        .map((file) => said(file))
        .join(', ')}`,
      when(blanks, '', ' blanks to fill'),
    ]),
  'event.redacted': ({ stream, version, by, reason }) =>
    `event ${said(version)} of ${said(stream)} redacted by ${said(by)}: ${said(reason)}`,
}
