import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { createTestClock } from '@firebreak/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { httpProbe } from './http-probe.ts'
import { certificateEnd, createCertificateLook } from './tls-expiry.ts'

const day = 24 * 60 * 60_000
const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

/** A self-signed certificate, X.509 version 1, that ends when it is told to. */
function selfSigned(endsAt: number): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const time = (at: number) =>
    der(
      0x17,
      Buffer.from(
        new Date(at)
          .toISOString()
          .replaceAll(/[-:T]|\.\d{3}/g, '')
          .slice(2),
      ),
    )
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
  const commonName = der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from('localhost')))
  const name = der(0x30, der(0x31, commonName))
  const validity = der(0x30, time(endsAt - 400 * day), time(endsAt))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const signed = der(0x30, der(0x02, Buffer.from([1])), ecdsaWithSha256, name, validity, name, spki)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', signed, privateKey))
  const body = der(0x30, signed, ecdsaWithSha256, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
  }
}

async function serve(endsAt: number): Promise<URL> {
  const server = createServer(selfSigned(endsAt), (_request, response) => response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}
const signal = new AbortController().signal

describe('the look at a certificate', () => {
  test('reads when it ends, trusted or not', async () => {
    const endsAt = Date.parse('2027-03-01T12:00:00Z')
    expect(await certificateEnd(await serve(endsAt), signal)).toBe(endsAt)
  })

  test('nothing to read is nothing, not an error', async () => {
    const url = await serve(Date.parse('2027-03-01T12:00:00Z'))
    await new Promise((resolve) => open.pop()!.close(resolve))
    expect(await certificateEnd(url, signal)).toBeUndefined()
    expect(await certificateEnd(url, AbortSignal.abort())).toBeUndefined()
  })

  test('warns so many days before, under a key of its own, and looks once an hour', async () => {
    const clock = createTestClock()
    const url = await serve(clock.now() + 20 * day)
    const look = createCertificateLook(url, 'shop', { service: 'shop', clock, certificateDays: 14 })
    expect(await look(signal)).toMatchObject([{ key: 'shop/certificate', status: 'resolved', symptoms: [] }])
    await new Promise((resolve) => open.pop()!.close(resolve))
    await clock.advance(6 * day + 1)
    // Closed by now: an hour is over and nothing can be read, so the date that was read still counts.
    expect(await look(signal)).toMatchObject([
      { status: 'firing', symptoms: [{ kind: 'warning', detail: expect.stringContaining('ends in 13 days') }] },
    ])
    expect(clock.pending).toBe(0)
  })

  test('belongs to the HTTP probe of an https address', async () => {
    const clock = createTestClock()
    const url = await serve(clock.now() + 3 * day)
    const answer = () => Promise.resolve(new Response('ok'))
    const probe = httpProbe({ service: 'shop', url: url.href, name: 'shop', clock, fetch: answer, certificateDays: 14 })
    expect((await probe.observe({ signal })).map(({ key, status }) => `${key} ${status}`)).toEqual([
      'shop resolved',
      'shop/certificate firing',
    ])
    const never = httpProbe({ service: 'shop', url: url.href, name: 'shop', clock, fetch: answer })
    expect(await never.observe({ signal })).toHaveLength(1)
  })

  test('is not taken when the host is down anyway', async () => {
    const url = await serve(Date.now() + 3 * day)
    const answer = () => Promise.resolve(new Response('', { status: 500 }))
    const probe = httpProbe({ service: 'shop', url: url.href, confirm: 1, fetch: answer, certificateDays: 14 })
    expect(await probe.observe({ signal })).toHaveLength(1)
  })
})
