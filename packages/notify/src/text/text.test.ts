import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostileText } from '../testing/index.ts'
import { percent, span } from '../page/numbers.ts'
import { cleanLine, cleanText } from './clean-text.ts'
import { escapeMarkdown, escapeSlack, linkable } from './escape.ts'
import { fitLine, fitText, utf8Bytes } from './fit-text.ts'
import { septets, toGsm } from './gsm.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constant(hostileText),
  fc.string({ unit: 'grapheme' }),
)
// oxlint-disable-next-line no-control-regex
const commands = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/

describe('clean text', () => {
  test('commands nothing, hides nothing, is well-formed, and stays as it is when cleaned again', () => {
    fc.assert(
      fc.property(text, (dirty) => {
        const clean = cleanText(dirty)
        expect(clean).not.toMatch(commands)
        expect(clean.isWellFormed()).toBe(true)
        expect(cleanText(clean)).toBe(clean)
        expect(cleanLine(dirty)).not.toContain('\n')
      }),
    )
  })

  test('takes whole terminal sequences out, and leaves what people write', () => {
    expect(cleanText('\u001B[31mred\u001B[0m \u001B]8;;https://evil.example\u0007link\u001B]8;;\u0007')).toBe(
      'red link',
    )
    expect(cleanText('ü 漢字 👨‍👩‍👧 a\tb\r\nc')).toBe('ü 漢字 👨‍👩‍👧 a  b\nc')
  })

  test('work stays proportional to what is kept of it', () => {
    const started = process.cpuUsage().user
    cleanText('\u001B['.repeat(2_000_000))
    cleanText('\u001B]'.repeat(2_000_000))
    expect(process.cpuUsage(undefined).user - started).toBeLessThan(2_000_000)
  })
})

describe('fitted text', () => {
  test('never exceeds its limit, cuts no character in two, and says what is missing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 40 }),
        fc.integer({ min: 20, max: 500 }),
        (lines, limit) => {
          const whole = lines.join('\n').toWellFormed()
          for (const measure of [(it: string) => it.length, utf8Bytes, (it: string) => escapeSlack(it).length]) {
            const fitted = fitText(whole, limit, measure)
            expect(measure(fitted)).toBeLessThanOrEqual(limit)
            expect(fitted.isWellFormed()).toBe(true)
            expect(fitted === whole || fitted === '' || /…$|more lines?\)$/.test(fitted)).toBe(true)
          }
        },
      ),
    )
  })

  test('keeps the first lines: the most important ones', () => {
    expect(fitText('one\ntwo\nthree\nfour and more', 24)).toBe('one\ntwo\n(+2 more lines)')
    expect(fitText('a long first line\ntwo', 12)).toBe('a long firs…')
    expect(fitLine('a long title', 8)).toBe('a long…')
    expect(fitLine('👩‍🚀👩‍🚀', 3)).toBe('👩…')
  })
})

describe('escaped text', () => {
  test('starts nothing in Markdown', () => {
    for (const line of escapeMarkdown(hostileText).split('\n')) expect(line).not.toMatch(/^\s*([-+*>#=|]|\d+[.)]|<)/)
    expect(escapeMarkdown(hostileText)).not.toMatch(/(?<!\\)[[\]<>`*_]/)
    expect(escapeMarkdown('@everyone')).not.toContain('@everyone')
  })

  test('has no mention and no link for Slack', () => {
    expect(escapeSlack(hostileText)).not.toMatch(/<[!@#h]/)
  })

  test('only addresses that lead where they say are links', () => {
    expect(linkable('https://fb.example.com/i/7K42')).toBe('https://fb.example.com/i/7K42')
    for (const bad of [
      'javascript:alert(1)',
      'data:text/html,x',
      'https://a:b@c.example/',
      'no address',
      `https://x/${'a'.repeat(3_000)}`,
    ])
      expect(linkable(bad)).toBeUndefined()
  })
})

describe('the short message alphabet', () => {
  test('carries whatever it is given', () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(septets(toGsm(cleanText(any)))).toBeLessThan(Number.POSITIVE_INFINITY)
      }),
    )
    expect(toGsm('café – “x” [7K42] 🔥 naïve ő')).toBe('café - "x" (7K42) ? naive o')
    expect(septets('a€')).toBe(3)
  })
})

describe('figures', () => {
  test('a share is never rounded onto or over the line between two levels', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (ratio) => {
        const shown = Number(percent(ratio).slice(0, -1)) / 100
        const crossed = [0.01, 0.05, 0.1, 0.5].filter(
          (line) => Math.abs(ratio - line) > 1e-9 && Math.sign(shown - line) !== Math.sign(ratio - line),
        )
        expect(crossed).toEqual([])
      }),
    )
    expect([0.6, 0.5, 0.5004, 0.12345, 0.001, 0].map(percent)).toEqual(['60%', '50%', '50.04%', '12%', '0.1%', '0%'])
  })

  test('a span is rounded for reading', () => {
    expect([400, 85_000, 60_000, 90_000, 300_000, 187_200_000].map(span)).toEqual([
      '0.4 s',
      '85 s',
      '1 min',
      '90 s',
      '5 min',
      '2.2 d',
    ])
  })
})
