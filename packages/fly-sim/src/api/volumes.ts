import type { JsonObject } from '@firebreak/core'
import type { App, Volume } from '../world/app.ts'
import { textOf } from '../world/config.ts'
import type { World } from '../world/world.ts'
import { rfc3339 } from '../world/world.ts'
import { appFor } from './access.ts'
import type { Call, Handler } from './call.ts'
import { json, objectBody } from './call.ts'
import { refuse } from './refusal.ts'

export function volumeHandlers(world: World): Readonly<Record<string, Handler>> {
  const volumeFor = (call: Call): { app: App; volume: Volume } => {
    const app = appFor(world, call)
    const volume = app.volumes.get(call.params['volume'] ?? '')
    if (volume === undefined) throw refuse(404, 'not_found: volume not found')
    return { app, volume }
  }
  return {
    'volumes.list': (call) => json([...appFor(world, call).volumes.values()].map(volumeObject)),
    'volumes.get': (call) => json(volumeObject(volumeFor(call).volume)),
    'volumes.create'(call) {
      const app = appFor(world, call)
      const body = objectBody(call)
      const name = textOf(body['name'])
      if (!/^[a-z0-9_]{1,30}$/.test(name))
        throw refuse(422, 'Validation failed: Name may only contain lowercase letters, numbers and underscores')
      const sizeGb = typeof body['size_gb'] === 'number' ? body['size_gb'] : 3
      if (!Number.isInteger(sizeGb) || sizeGb < 1 || sizeGb > 500)
        throw refuse(422, 'Validation failed: size_gb must be between 1 and 500')
      const volume: Volume = {
        id: `vol_${world.ids.hex(16)}`,
        name,
        region: textOf(body['region']) || app.options.regions?.[0] || 'iad',
        zone: world.ids.hex(4),
        state: 'created',
        sizeGb,
        encrypted: body['encrypted'] !== false,
        snapshotRetention: typeof body['snapshot_retention'] === 'number' ? body['snapshot_retention'] : 5,
        autoBackup: body['auto_backup_enabled'] !== false,
        createdAt: world.stamp(),
        attachedMachineId: null,
      }
      app.volumes.set(volume.id, volume)
      return json(volumeObject(volume))
    },
    'volumes.update'(call) {
      const { volume } = volumeFor(call)
      const body = objectBody(call)
      if (typeof body['snapshot_retention'] === 'number') volume.snapshotRetention = body['snapshot_retention']
      if (typeof body['auto_backup_enabled'] === 'boolean') volume.autoBackup = body['auto_backup_enabled']
      return json(volumeObject(volume))
    },
    'volumes.extend'(call) {
      const { volume } = volumeFor(call)
      const size = objectBody(call)['size_gb']
      if (typeof size !== 'number' || size < volume.sizeGb)
        throw refuse(422, 'Validation failed: a volume can only grow')
      volume.sizeGb = size
      return json({ volume: volumeObject(volume), needs_restart: volume.attachedMachineId !== null })
    },
    'volumes.delete'(call) {
      const { app, volume } = volumeFor(call)
      if (volume.attachedMachineId !== null)
        throw refuse(412, `failed_precondition: volume is attached to machine ${volume.attachedMachineId}`)
      app.volumes.delete(volume.id)
      return json({ ...volumeObject(volume), state: 'destroyed' })
    },
    'volumes.snapshots': (call) => {
      volumeFor(call)
      return json([])
    },
    'volumes.snapshot': (call) => {
      volumeFor(call)
      return json({ status: 'ok' })
    },
  }
}

function volumeObject(volume: Volume): JsonObject {
  return {
    id: volume.id,
    name: volume.name,
    state: volume.state,
    size_gb: volume.sizeGb,
    region: volume.region,
    zone: volume.zone,
    encrypted: volume.encrypted,
    ...(volume.attachedMachineId === null ? {} : { attached_machine_id: volume.attachedMachineId }),
    created_at: rfc3339(volume.createdAt),
    snapshot_retention: volume.snapshotRetention,
    auto_backup_enabled: volume.autoBackup,
    host_status: 'ok',
    fstype: 'ext4',
    type: 'local',
    block_size: 4_096,
    blocks: volume.sizeGb * 262_144,
    blocks_avail: volume.sizeGb * 250_000,
    blocks_free: volume.sizeGb * 250_000,
    bytes_total: volume.sizeGb * 1_073_741_824,
    bytes_used: 49_741_824,
  }
}
