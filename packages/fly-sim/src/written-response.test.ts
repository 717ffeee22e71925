import { describe, expect, test } from 'vitest'
import { writtenResponse } from './written-response.ts'

const init = { status: 207, headers: { 'content-type': 'application/json', 'x-own': 'yes' } }
const text = '{"name":"smörgås"}'
const pairs = () => [writtenResponse(text, init), new Response(text, init)] as const

describe('a written response behaves as the platform’s own', () => {
  test('in what it says of itself', () => {
    const [ours, theirs] = pairs()
    expect(ours).toBeInstanceOf(Response)
    for (const response of [ours, theirs]) {
      expect([response.status, response.ok, response.headers.get('x-own'), response.bodyUsed]).toEqual([
        207,
        true,
        'yes',
        false,
      ])
    }
  })

  test.each(['text', 'json', 'arrayBuffer', 'bytes', 'blob'] as const)('when it is read by %s, once', async (how) => {
    const read = async (response: Response) => {
      const value = await response[how]()
      return value instanceof Blob ? value.text() : value
    }
    for (const response of pairs()) {
      expect(await read(response)).toEqual(await read(new Response(text, init)))
      expect(response.bodyUsed).toBe(true)
      await expect(read(response)).rejects.toThrow(/unusable|already been read/)
      expect(() => response.clone()).toThrow(TypeError)
    }
  })

  test('when it is read as a stream, and then not by text', async () => {
    for (const response of pairs()) {
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body!) chunks.push(chunk)
      expect(Buffer.concat(chunks).toString('utf8')).toBe(text)
      expect(response.bodyUsed).toBe(true)
      await expect(response.text()).rejects.toThrow(/unusable|already been read/)
    }
  })

  test('when its clone is read as well', async () => {
    for (const response of pairs()) {
      const clone = response.clone()
      expect([await response.text(), await clone.text(), clone.status]).toEqual([text, text, 207])
    }
  })
})
