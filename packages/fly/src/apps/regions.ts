import * as z from 'zod'
import { aboutOf } from '../machines/scope.ts'
import { flyCall, type CallOptions, type FlyCall } from '../transport/call.ts'
import type { FlyRequest, Http } from '../transport/http.ts'
import { decode, flag, listOf, number, text } from '../transport/schema.ts'

export interface Region {
  readonly code: string
  readonly name: string
  readonly deprecated: boolean
  readonly gateway: boolean
  readonly latitude?: number | undefined
  readonly longitude?: number | undefined
}

export interface Regions {
  /** The one nearest to who asks. */
  readonly nearest: string
  readonly regions: readonly Region[]
}

export interface FlyRegions {
  /** `GET /v1/platform/regions` */
  list(options?: CallOptions): FlyCall<Regions>
}

const region = z
  .looseObject({
    code: z.string(),
    name: text,
    deprecated: flag,
    gateway_available: flag,
    latitude: number,
    longitude: number,
  })
  .transform((it): Region => ({
    code: it.code,
    name: it.name ?? it.code,
    deprecated: it.deprecated ?? false,
    gateway: it.gateway_available ?? false,
    latitude: it.latitude,
    longitude: it.longitude,
  }))

/** Fly's own client declares the keys with capitals, the specification without: both are read. */
const answer = z
  .looseObject({ nearest: text, Nearest: text, regions: listOf(region), Regions: listOf(region) })
  .transform((it): Regions => ({
    nearest: it.nearest ?? it.Nearest ?? '',
    regions: it.regions.length > 0 ? it.regions : it.Regions,
  }))

export function flyRegions(http: Http): FlyRegions {
  return {
    list: (options) =>
      flyCall(async () => {
        const request: FlyRequest = {
          service: 'machines',
          method: 'GET',
          route: '/v1/platform/regions',
          repeat: 'always',
          pace: { key: 'GET regions', by: 'action' },
        }
        return decode(answer, await http.send(request, options), aboutOf(request))
      }),
  }
}
