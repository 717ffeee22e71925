import type { Page } from '@firebreak/core'

/** A P0 page as the pager makes it. */
export const samplePage: Page = {
  incident: 'incident/hotdash-agent-service/1',
  code: '7K42',
  service: 'hotdash-agent-service',
  severity: 'P0',
  kind: 'trigger',
  reason: 'raise',
  to: 'manager',
  at: '2026-11-23T02:03:35.000Z',
  title: 'P0 hotdash-agent-service: 60% of requests fail since 03:02 CET, after release v3 [7K42]',
  text: [
    'What   60% of requests fail: 1,212 of 2,020 in the last minute. 0 of 3 checks pass.',
    'Since  03:02:10 CET (02:02:10 UTC)',
    'Done   evidence saved; nothing changed yet',
    'Next   03:08:35 CET  no acknowledgement: Engineer is paged',
  ].join('\n'),
  markdown: '**What** 60% of requests fail  \n**Done** nothing changed yet',
  links: [{ title: 'Open 7K42', url: 'https://fb.example.com/i/7K42' }],
}

/** What attackers write into logs, names and commit messages. */
export const hostileText = [
  '@everyone @here <!channel> <@U024BE7LH> <!subteam^S123>',
  '<https://evil.example|Acknowledge> [Acknowledge](https://evil.example) ![x](https://evil.example/x.png)',
  '<script>alert(1)</script> <img src=x onerror=alert(1)> &amp; " \' `code` ```block```',
  '\u001B[2J\u001B[31mred\u001B]8;;https://evil.example\u0007link\u001B]8;;\u0007 \u009B1m \u0007\u0000',
  'right-to-left \u202Egnp.exe\u202C \u2066isolate\u2069 zero\u200Bwidth \u{E0041}tag',
  '# heading\n## 7K42 resolved\n- [x] done\n---\n> quote\n| a | b |\n<!-- comment -->',
  'lone surrogates \uD83D and \uDE00, family \u{1F468}\u200D\u{1F469}\u200D\u{1F467}, €, ü, 漢字',
  '${7*7} {{7*7}} %s %d \\u0041 \\\\ %0d%0a\r\nBcc: everyone@example.com',
].join('\n')

export const hostilePage: Page = {
  ...samplePage,
  service: 'web<!channel>@everyone',
  title: `P0 web: ${hostileText.replaceAll('\n', ' ')}`,
  text: hostileText,
  markdown: 'escaped already',
  links: [{ title: hostileText, url: 'https://fb.example.com/i/7K42' }],
}
