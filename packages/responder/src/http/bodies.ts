/** What is posted, as JSON Schema for the OpenAPI document. The handlers check it themselves, and name the field. */
type Schema = Readonly<Record<string, unknown>>

const text = (description: string): Schema => ({ type: 'string', minLength: 1, description })
const time = (description: string): Schema => ({ type: 'string', format: 'date-time', description })

function object(properties: Readonly<Record<string, Schema>>, ...required: string[]): Schema {
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

const by = text('Who says so; the name of the token where it is left out')
const why = text('Why, for the log and for others')
const approval = text('The id of the approval that is waited for')

const signal = object(
  {
    id: text('The same id twice counts once; made where it is left out'),
    key: text('The same problem, the same key'),
    service: text('What is affected'),
    source: text('Who saw it'),
    status: { enum: ['firing', 'resolved'], default: 'firing' },
    at: time('When it was seen; now where it is left out'),
    summary: text('One line for people'),
    symptoms: { type: 'array', items: object({ kind: text("'outage', 'errorRate', 'stated', …") }, 'kind') },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    links: { type: 'array', items: object({ title: text('What it shows'), url: text('Where') }, 'title', 'url') },
    staleAfterMs: { type: 'number', exclusiveMinimum: 0, description: 'Unrepeated for so long, it is unknown' },
  },
  'key',
  'service',
)

export const bodies = {
  signals: { oneOf: [signal, { type: 'array', items: signal, maxItems: 10_000 }] },
  acknowledge: object({ by, role: text('The role that takes it on'), via: text('By what; default http') }),
  resolve: object({ by, why }, 'why'),
  note: object({ by, text: text('For the timeline') }, 'text'),
  escalate: object({ by, to: text('A role; default engineer'), why }, 'why'),
  approve: object({ by, approval, digest: text('Of the plan that was looked at') }, 'approval', 'digest'),
  deny: object({ by, approval, digest: text('Of the plan'), reason: why }, 'approval'),
  holds: {
    anyOf: [
      object(
        { by, service: text('Every service where it is left out'), until: time('Ends by itself'), reason: why },
        'reason',
      ),
      object({ by, release: text('The id of a hold'), service: text('The service that it is on') }, 'release'),
    ],
  },
  silences: {
    anyOf: [
      object(
        {
          by,
          service: text('Whose signals'),
          key: text('One signal; all where it is left out'),
          until: time('At most 24 h from now'),
          reason: why,
        },
        'service',
        'until',
        'reason',
      ),
      object({ by, lift: text('The id of a silence'), service: text('The service that is silenced') }, 'lift'),
    ],
  },
} as const satisfies Record<string, Schema>
