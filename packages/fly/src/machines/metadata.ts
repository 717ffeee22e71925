import * as z from 'zod'
import { flyCall, type CallOptions, type FlyCall } from '../transport/call.ts'
import { checkedId, checkedSegment } from '../transport/route.ts'
import { decode, texts } from '../transport/schema.ts'
import { aboutOf, machineRequest, type AppScope } from './scope.ts'

/**
 * A machine's metadata. A write right after an update can be lost (the update finishes later with its own snapshot):
 * put what belongs to an update into the update.
 */
export interface FlyMetadata {
  /** `GET …/metadata` */
  get(id: string, options?: CallOptions): FlyCall<Readonly<Record<string, string>>>
  /** `POST …/metadata/{key}` */
  set(id: string, key: string, value: string, options?: CallOptions): FlyCall<void>
  /** `DELETE …/metadata/{key}` */
  remove(id: string, key: string, options?: CallOptions): FlyCall<void>
  /** `PATCH …/metadata`; `null` removes a key. With `version`, refused with `FLY_PRECONDITION` when that is not current. */
  patch(
    id: string,
    changes: Readonly<Record<string, string | null>>,
    options?: CallOptions & { readonly version?: string | undefined },
  ): FlyCall<void>
}

const nothing = z
  .unknown()
  .optional()
  .transform(() => undefined)

export function flyMetadata(scope: AppScope): FlyMetadata {
  const { http } = scope
  async function run<Schema extends z.ZodType>(
    request: ReturnType<typeof machineRequest>,
    schema: Schema,
    options: CallOptions = {},
  ) {
    return decode(schema, await http.send({ ...request, repeat: 'always' }, options), aboutOf(request))
  }
  const one = (method: 'POST' | 'DELETE', id: string, key: string, body?: unknown) =>
    machineRequest(scope, method, id, '/metadata/{key}', { values: { key: checkedSegment(key, 'key') }, body })

  return {
    get: (id, options) => flyCall(async () => run(machineRequest(scope, 'GET', id, '/metadata'), texts, options)),
    set: (id, key, value, options) => flyCall(async () => run(one('POST', id, key, { value }), nothing, options)),
    remove: (id, key, options) => flyCall(async () => run(one('DELETE', id, key), nothing, options)),
    patch: (id, changes, { version, ...options } = {}) =>
      flyCall(async () => {
        const metadata = Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, value ?? '']))
        const guard = version === undefined ? {} : { machine_version: checkedId(version, 'version') }
        return run(machineRequest(scope, 'PATCH', id, '/metadata', { body: { metadata, ...guard } }), nothing, options)
      }),
  }
}
