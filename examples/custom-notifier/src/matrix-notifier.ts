import { NotifyError, type Notifier } from '@firebreak/core'

export function matrixNotifier({ url, token }: { url: string; token: string }): Notifier {
  return {
    name: 'matrix',
    async send(page, { fetch, signal, idempotencyKey }) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ msgtype: 'm.text', body: `${page.title}\n${page.text}` })
      const response = await fetch(`${url}/send/m.room.message/${idempotencyKey}`, {
        method: 'PUT',
        headers,
        body,
        signal,
      })
      if (!response.ok) throw await NotifyError.fromResponse(response)
      return { state: 'delivered' }
    },
  }
}
