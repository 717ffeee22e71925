import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import { describe, expect, test } from 'vitest'
import { emailNotifier, type Mail, type MailTransport } from './email.ts'
import { hostilePage, samplePage } from './testing/index.ts'

const context = (overrides = {}) => ({
  signal: new AbortController().signal,
  idempotencyKey: 'key-1',
  fetch: globalThis.fetch,
  ...overrides,
})
const from = 'Firebreak <firebreak@example.com>'

function kept(fails: (mail: Mail) => object | undefined = () => undefined) {
  const mails: Mail[] = []
  const transport: MailTransport = {
    async sendMail(mail) {
      const failure = fails(mail)
      if (failure !== undefined) throw Object.assign(new Error('refused'), failure)
      mails.push(mail)
    },
  }
  return { mails, transport }
}

/** A mail server on loopback that says what it is told after each command. */
async function smtp(replies: Readonly<Record<string, string>> = {}) {
  const messages: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let data: string | undefined
    socket.write('220 loopback\r\n')
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      const text = chunk.toString()
      if (data !== undefined) {
        data += text
        if (!data.endsWith('\r\n.\r\n')) return
        messages.push(data)
        data = undefined
        return void (replies['.'] === 'drop' ? socket.destroy() : socket.write(replies['.'] ?? '250 taken\r\n'))
      }
      const [command = ''] = text.trim().split(/[ :]/)
      if (command === 'DATA') data = ''
      socket.write(
        replies[command] ?? (command === 'DATA' ? '354 go on\r\n' : command === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n'),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    messages,
    transport: createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true }) as MailTransport,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

describe('e-mail', () => {
  test('carries level and code in the subject, is marked as a machine’s, and is plain text', async () => {
    const { mails, transport } = kept()
    const receipt = await emailNotifier({ transport, from, to: 'manager@example.com' }).send(samplePage, context())
    expect(mails[0]!.subject).toBe(
      '[P0 7K42] hotdash-agent-service: 60% of requests fail since 03:02 CET, after release v3',
    )
    expect(mails[0]!.headers).toEqual({
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'X-Priority': '1',
    })
    expect(mails[0]!.text).toContain('https://fb.example.com/i/7K42')
    expect(receipt.state).toBe('accepted')
  })

  test('news continue the thread, for each recipient his own', async () => {
    const { mails, transport } = kept()
    const notifier = emailNotifier({ transport, from, to: ['a@example.com', 'b@example.com'] })
    const previous = await notifier.send(samplePage, context())
    await notifier.send({ ...samplePage, kind: 'update' }, context({ previous, idempotencyKey: 'key-2' }))
    expect(mails[2]!.references).toBe(mails[0]!.messageId)
    expect(mails[3]!.references).toBe(mails[1]!.messageId)
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(4)
  })

  test('one bad address does not keep the others from reading; none is a failure', async () => {
    const { mails, transport } = kept(({ to }) =>
      to.startsWith('gone') ? { responseCode: 550, code: 'EENVELOPE' } : undefined,
    )
    await emailNotifier({ transport, from, to: ['gone@example.com', 'b@example.com'] }).send(samplePage, context())
    expect(mails.map(({ to }) => to)).toEqual(['b@example.com'])
    const none = emailNotifier({ transport, from, to: 'gone@example.com' }).send(samplePage, context())
    await expect(none).rejects.toMatchObject({ code: 'NOTIFY_FAILED', outcome: 'permanent' })
  })

  test('no page writes a header of its own', async () => {
    const server = await smtp()
    try {
      await emailNotifier({ transport: server.transport, from, to: 'm@example.com' }).send(hostilePage, context())
    } finally {
      await server.close()
    }
    const [head = ''] = server.messages[0]!.split('\r\n\r\n')
    expect(head).not.toMatch(/^Bcc:/im)
    expect(head).toMatch(/^Auto-Submitted: auto-generated$/m)
  })

  test.each([
    [{ RCPT: '450 mailbox busy\r\n' }, 'transient'],
    [{ RCPT: '550 no such user\r\n' }, 'permanent'],
    [{ '.': '451 try later\r\n' }, 'transient'],
    [{ '.': '554 looks like spam\r\n' }, 'permanent'],
    [{ '.': 'drop' }, 'ambiguous'],
  ])('a mail server that says %j has a %s failure', async (replies, outcome) => {
    const server = await smtp(replies)
    const sending = emailNotifier({ transport: server.transport, from, to: 'm@example.com' }).send(
      samplePage,
      context(),
    )
    try {
      await expect(sending).rejects.toMatchObject({ code: 'NOTIFY_FAILED', outcome })
    } finally {
      await server.close()
    }
  })

  test('a server that is not there has taken nothing', async () => {
    const server = await smtp()
    await server.close()
    const sending = emailNotifier({ transport: server.transport, from, to: 'm@example.com' }).send(
      samplePage,
      context(),
    )
    await expect(sending).rejects.toMatchObject({ outcome: 'transient' })
  })

  test('stops waiting at its signal', async () => {
    const transport: MailTransport = { sendMail: () => new Promise(() => undefined) }
    const controller = new AbortController()
    const sending = emailNotifier({ transport, from, to: 'm@example.com' }).send(
      samplePage,
      context({ signal: controller.signal }),
    )
    controller.abort(new Error('stop'))
    await expect(sending).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('refuses unset options by name', () => {
    const { transport } = kept()
    expect(() => emailNotifier({ transport: undefined, from, to: 'x' })).toThrow(/^transport: is not set/)
    expect(() => emailNotifier({ transport, from: undefined, to: 'x' })).toThrow(/^from: is not set/)
    expect(() => emailNotifier({ transport, from, to: undefined })).toThrow(/^to: is not set/)
    expect(() => emailNotifier({ transport, from, to: [] })).toThrow(/^to: is not set/)
  })
})
