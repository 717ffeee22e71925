import type { ActionState, PageState } from '../incident.ts'
import type { Handlers } from './handlers.ts'
import { writable } from './sparse.ts'

/** Claims: the same in an incident and at a desk. Only the current (owner, attempt) can renew or finish. */
export const actionHandlers: Handlers<{ version: number; actions: Map<string, ActionState> }> = {
  'action.started'(state, { data }, at) {
    state.actions = writable(state.actions).set(data.key, {
      key: data.key,
      part: data.part,
      attempt: data.attempt,
      owner: data.owner,
      deadlineAt: Date.parse(data.deadline),
      startedAt: at,
      effect: data.effect,
      why: data.why,
      idempotencyKey: data.idempotencyKey,
      // Room for its end: what is added to an object later takes a second one.
      finished: undefined,
      finishedAt: undefined,
      putOff: state.actions.get(data.key)?.putOff,
    })
  },
  'action.renewed'(state, { data }) {
    const action = state.actions.get(data.key)
    if (action === undefined || action.attempt !== data.attempt || action.owner !== data.owner) return
    if (action.finished !== undefined) return
    action.deadlineAt = Date.parse(data.deadline)
  },
  'action.finished'(state, { data }, at) {
    const action = state.actions.get(data.key) ?? decided(data.key, data.attempt, at)
    if (action.attempt !== data.attempt || action.finished !== undefined) return
    state.actions = writable(state.actions).set(action.key, action)
    // The key is there already.
    action.finished = { ...data, key: action.key }
    action.finishedAt = at
    if (data.outcome === 'released' || data.error?.code === 'HELD') action.putOff = (action.putOff ?? 0) + 1
    if (data.retryAt !== undefined) action.retryAt = Date.parse(data.retryAt)
  },
}

/** A decision that needed no claim: recorded and finished in one append. */
function decided(key: string, attempt: number, at: number): ActionState {
  return {
    key,
    part: '',
    attempt,
    owner: '',
    deadlineAt: at,
    startedAt: at,
    effect: null,
    why: '',
    idempotencyKey: '',
    finished: undefined,
    finishedAt: undefined,
    putOff: undefined,
  }
}

/** Pages: asked for, withdrawn, sent, failed. A page that answers several requests counts for each. */
export const pageHandlers: Handlers<{ version: number; pages: Map<string, PageState> }> = {
  'page.requested'(state, { data }, at) {
    if (state.pages.has(data.request)) return
    state.pages = writable(state.pages).set(data.request, { request: data, requestedAt: at, sent: [], failed: [] })
  },
  'page.withdrawn'(state, { data }) {
    const page = state.pages.get(data.request)
    if (page !== undefined) page.withdrawn = data.why
  },
  'page.sent'(state, { data }, at) {
    for (const request of data.requests ?? []) {
      const page = state.pages.get(request)
      if (page === undefined) continue
      // An array that is pushed to makes room for sixteen more, and nearly every page is sent once.
      page.sent = page.sent.concat(data)
      page.sentAt ??= at
    }
  },
  'page.delivered'(state, { data }) {
    for (const page of state.pages.values()) {
      const index = page.sent.findIndex(
        ({ notifier, to, receipt }) => notifier === data.notifier && to === data.to && receipt.id === data.receipt.id,
      )
      const sent = page.sent[index]
      if (sent !== undefined) page.sent[index] = { ...sent, receipt: { ...sent.receipt, ...data.receipt } }
    }
  },
  'page.failed'(state, { data }) {
    for (const request of data.requests ?? []) state.pages.get(request)?.failed.push(data)
  },
}
