import { marked } from 'marked'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeMarkdown } from './escape.ts'
import { oneOfEach } from './fixtures/one-of-each.ts'
import { renderPostmortem, renderTimeline, timelineEntries } from './index.ts'

/** What attackers write into logs, commit messages, names and notes. */
const corpus = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</td></tr></table><h1>resolved</h1>',
  '</style><style>*{display:none}</style>',
  '<!-- comment',
  '&lt;b&gt; &#60;b&#62;',
  'javascript:alert(1)',
  '\u001b[31mred\u001b[0m \u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007',
  'a\rb\nc\u2028d\u2029e\u0085f',
  '\u202Egnp.exe\u202C \u2066x\u2069 zero\u200Bwidth\uFEFF',
  '@everyone @here @channel <@U123> <!channel> @mia',
  '# Heading\n## Another\n- item\n1. one\n> quote\n---\n```\ncode\n```',
  '# Heading',
  '- item',
  '12) twelve',
  '> quote',
  '| a | b |',
  '[click](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example>',
  'see https://evil.example and www.evil.example and http://10.0.0.1/x',
  '[ref]: https://evil.example "title"',
  '**bold** __bold__ *it* _it_ ~~gone~~ `code` $x$ [^1] :fire:',
  '\\`\\*\\[\\](\\<b\\>',
  '{{constructor.constructor("alert(1)")()}}',
  '\u0000\u0008\u007F\uD800',
  'x'.repeat(20_000),
]

/** The tags of a document with their attributes, but for what is text in them. */
function skeleton(html: string): string[] {
  return [...html.matchAll(/<[/!]?[a-z][^>]*>/gi)].map(([tag]) => tag.replace(/ (?:id|x1|x2|x|width)="[^"]*"/g, ''))
}

function documentsOf(text: string) {
  const events = oneOfEach(text)
  const html = renderPostmortem(events, { format: 'html' })
  const markdown = renderPostmortem(events, { format: 'markdown' })
  const parsed = marked.parse(markdown, { gfm: true, async: false })
  return { events, html, markdown, htmlTags: skeleton(html), markdownTags: skeleton(parsed) }
}

const harmless = documentsOf('mia')
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u

describe.each(corpus.map((text) => [text.slice(0, 60), text] as const))('%j', (_name, text) => {
  const { events, html, markdown, htmlTags, markdownTags } = documentsOf(text)

  test('changes no element of the HTML page', () => {
    expect(htmlTags).toEqual(harmless.htmlTags)
  })

  test('changes no element of the Markdown document as another reader parses it', () => {
    expect(markdownTags).toEqual(harmless.markdownTags)
  })

  test('leaves no control, direction or invisible character, and no mention', () => {
    for (const document of [html, markdown, renderTimeline(events), renderTimeline(events, { format: 'markdown' })])
      expect(document.replaceAll('\n', '')).not.toMatch(invisible)
    expect(markdown).not.toMatch(/(?:^|[^\w])@(?:everyone|here|channel|mia)/)
  })

  test('is one line of the timeline for each event', () => {
    expect(renderTimeline(events).split('\n')).toHaveLength(48)
    for (const { summary, actor, type } of timelineEntries(events))
      expect(`${summary}${actor}${type}`.length).toBeLessThan(3_000)
  })
})

test('any text at all is only text in both documents', () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(...corpus.filter((text) => text.length < 1000)),
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 3 }), (parts) => {
      const text = parts.join('')
      const { htmlTags, markdownTags } = documentsOf(text)
      expect(htmlTags).toEqual(harmless.htmlTags)
      expect(markdownTags).toEqual(harmless.markdownTags)
    }),
    { numRuns: 15 },
  )
})

test('another Markdown reader shows the text as it was, but for mentions', () => {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  for (const text of corpus.filter((it) => it.length < 1000 && !/@|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(it))) {
    const paragraph = marked.parse(escapeMarkdown(text), { gfm: true, async: false })
    const shown = paragraph
      .replace(/^<p>([^]*)<\/p>\n$/, '$1')
      .replaceAll(/&([^;]+);/g, (_, name: string) => entities[name] ?? '?')
    expect(shown).toBe(text)
  }
})

test('a hostile stream name, type and id are text too', () => {
  const hostile = '"><script>alert(1)</script>\n# x'
  const events = oneOfEach('mia').map((event) => ({
    ...event,
    stream: hostile,
    id: hostile,
    type: event.type === 'note.added' ? hostile : event.type,
  }))
  expect(renderPostmortem(events, { format: 'html' })).not.toContain('<script')
  expect(renderPostmortem(events, { format: 'markdown' })).not.toMatch(/^# x/m)
})

describe('secrets and personal data', () => {
  const canaries = [
    'fm2_lJPECAAAAAAAAAAAxBDV2canary0123456789',
    'FlyV1 fm2_canary0123456789abcdef',
    'Bearer canary.0123456789abcdef',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlY2FuYXJ5',
    'xoxb-123456789012-canarycanary',
    'https://hooks.slack.com/services/T000/B000/canarycanary',
    'postgres://user:canarypw@db.internal:5432/app',
    'password=canarypassword',
    'mia.canary@example.com',
    '4111 1111 1111 1111',
  ]
  const secret = /canary|4111/i

  test.each(canaries)('%s is in no document', (canary) => {
    const text = `failed with ${canary} at 03:02`
    const { events, html, markdown } = documentsOf(text)
    for (const document of [html, markdown, renderTimeline(events)]) expect(document).not.toMatch(secret)
  })

  test('are found behind invisible characters too', () => {
    expect(documentsOf('password=\u200Bcanarypassword').markdown).not.toMatch(secret)
  })
})

test('what is harmless stays as it was written', () => {
  const text = 'v3 reads a variable (0.1 % of hotdash-agent-service), see release-3; ci@hotdash -> done!'
  expect(escapeMarkdown(text)).toBe(text)
})
