import { createHash } from 'node:crypto'
import { InvalidInput } from '@firebreak/core'

/** The first half of our advisory locks: 'FBRK'. */
export const lockClass = 0x4642524b

/** Names and keys that belong to one schema. */
export interface Names {
  readonly plain: string
  /** Quoted. */
  readonly schema: string
  readonly channel: string
  /** Held shared while an append is under way, exclusively for an instant by a reader that wants to be sure. */
  readonly gate: number
  readonly migration: number
}

export function namesOf(schema: string): Names {
  if (!/^[a-z_][a-z0-9_]{0,47}$/.test(schema) || schema.startsWith('pg_'))
    throw new InvalidInput(
      'schema',
      `'${schema}' is no name for a schema: use a to z, 0 to 9 and _, at most 48, not pg_`,
    )
  return {
    plain: schema,
    schema: `"${schema}"`,
    channel: `firebreak_${schema}`,
    gate: lockKey(`${schema}/gate`),
    migration: lockKey(`${schema}/migration`),
  }
}

function lockKey(name: string): number {
  return createHash('sha256').update(name).digest().readInt32BE(0)
}

/** The key of an owner's session lock; as text, because it has 64 bits. */
export function ownerKey(schema: string, owner: string): string {
  return createHash('sha256').update(`${schema}/presence/${owner}`).digest().readBigInt64BE(0).toString()
}

/** One step, for a schema of this name. */
export type Step = (names: Names) => string

/**
 * The steps from an empty schema to today's tables. Append-only: a step that was released is never edited, a schema of any
 * age goes through the ones it lacks.
 */
export const migrations: readonly Step[] = [
  ({ schema }) => `
    CREATE TABLE ${schema}.streams (
      no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text COLLATE "C" NOT NULL UNIQUE,
      version integer NOT NULL DEFAULT 0,
      hash text NOT NULL DEFAULT '',
      at text NOT NULL DEFAULT '',
      pruned boolean NOT NULL DEFAULT false
    ) WITH (fillfactor = 50);

    CREATE SEQUENCE ${schema}.positions AS bigint;
    CREATE TABLE ${schema}.events (
      position bigint PRIMARY KEY,
      stream bigint NOT NULL,
      version integer NOT NULL,
      id text COLLATE "C",
      type text NOT NULL,
      at text NOT NULL,
      recorded_at text NOT NULL,
      actor text NOT NULL,
      causation_id text,
      data text NOT NULL,
      salt text,
      data_digest text,
      hash text NOT NULL
    );
    CREATE UNIQUE INDEX events_of_stream ON ${schema}.events (stream, version);
    CREATE UNIQUE INDEX events_by_id ON ${schema}.events (id, stream) WHERE id IS NOT NULL;

    CREATE TABLE ${schema}.incidents (
      stream bigint PRIMARY KEY,
      service text NOT NULL,
      status text NOT NULL,
      opened_at bigint NOT NULL,
      resolved_at bigint,
      name text COLLATE "C" NOT NULL,
      summary text NOT NULL
    );
    CREATE INDEX incidents_unresolved ON ${schema}.incidents (opened_at, name) WHERE status <> 'resolved';
    CREATE INDEX incidents_by_time ON ${schema}.incidents (opened_at, name);
    CREATE INDEX incidents_by_service ON ${schema}.incidents (service, opened_at, name);

    CREATE TABLE ${schema}.snapshots (
      name text COLLATE "C" PRIMARY KEY,
      version integer NOT NULL,
      state text NOT NULL
    );

    CREATE TABLE ${schema}.presence (
      owner text COLLATE "C" PRIMARY KEY,
      key bigint NOT NULL,
      -- When the server was started that holds the lock: after a restart nobody holds one, and nobody is dead for that.
      server timestamptz NOT NULL,
      entered_at timestamptz NOT NULL DEFAULT now(),
      left_at timestamptz
    );`,
  appendFunction,
  settledFunction,
]

/**
 * One append is one call, and so one transaction that never waits for a client: a writer that is stopped in its tracks
 * holds no lock. The caller has decided on what it knew; here every assumption is checked under the locks of the streams,
 * always taken in the order of their names. Gives the streams about which the caller was wrong; none: it is written.
 */
function appendFunction({ schema, gate }: Names): string {
  return `
    CREATE FUNCTION ${schema}.append(batch json) RETURNS text[] LANGUAGE plpgsql
    SET search_path = pg_catalog SET lock_timeout = '5s' AS $body$
    #variable_conflict use_column
    DECLARE stale text[];
    BEGIN
      IF current_setting('synchronous_commit') = 'off' THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;
      PERFORM pg_advisory_xact_lock_shared(${lockClass}, ${gate});

      INSERT INTO ${schema}.streams (name)
        SELECT x.name FROM json_to_recordset(batch -> 'streams') AS x (name text, version integer)
        WHERE x.version = 0 ORDER BY x.name COLLATE "C" ON CONFLICT DO NOTHING;
      PERFORM 1 FROM ${schema}.streams s
        WHERE s.name IN (SELECT x.name FROM json_to_recordset(batch -> 'streams') AS x (name text))
        ORDER BY s.name FOR NO KEY UPDATE;

      SELECT array_agg(DISTINCT wrong.name) INTO stale FROM (
        SELECT x.name FROM json_to_recordset(batch -> 'streams') AS x (name text, version integer, hash text, pruned boolean)
          JOIN ${schema}.streams s ON s.name = x.name
          WHERE (s.version, s.hash, s.pruned) IS DISTINCT FROM (x.version, x.hash, x.pruned)
        UNION ALL
        SELECT x.name FROM json_to_recordset(batch -> 'ids') AS x (name text, id text)
          JOIN ${schema}.streams s ON s.name = x.name
          JOIN ${schema}.events e ON e.stream = s.no AND e.id = x.id
        UNION ALL
        SELECT x.name FROM json_to_recordset(batch -> 'sinces') AS x (name text, since integer, ignoring json)
          JOIN ${schema}.streams s ON s.name = x.name
          WHERE EXISTS (SELECT FROM ${schema}.events e WHERE e.stream = s.no AND e.version > x.since
            AND e.type NOT IN (SELECT json_array_elements_text(x.ignoring)))
      ) AS wrong;
      IF stale IS NOT NULL THEN RETURN stale; END IF;

      INSERT INTO ${schema}.events
        (position, stream, version, id, type, at, recorded_at, actor, causation_id, data, salt, data_digest, hash)
        SELECT nextval('${schema}.positions'), q.no, q.version, q.id, q.type, q.at, q."recordedAt", q.actor,
          q."causationId", q.data, q.salt, q."dataDigest", q.hash
        FROM (SELECT s.no, e.* FROM json_to_recordset(batch -> 'events') AS e (n integer, stream text, version integer,
            id text, type text, at text, "recordedAt" text, actor text, "causationId" text, data text, salt text,
            "dataDigest" text, hash text)
          JOIN ${schema}.streams s ON s.name = e.stream ORDER BY e.n) AS q;
      UPDATE ${schema}.streams s SET version = h.version, hash = h.hash, at = h.at
        FROM json_to_recordset(batch -> 'heads') AS h (name text, version integer, hash text, at text)
        WHERE s.name = h.name;
      INSERT INTO ${schema}.incidents (stream, service, status, opened_at, resolved_at, name, summary)
        SELECT s.no, i.service, i.status, i."openedAt", i."resolvedAt", i.name, i.summary
        FROM json_to_recordset(batch -> 'incidents') AS i (name text, service text, status text, "openedAt" bigint,
          "resolvedAt" bigint, summary text)
        JOIN ${schema}.streams s ON s.name = i.name
        ON CONFLICT (stream) DO UPDATE SET service = excluded.service, status = excluded.status,
          opened_at = excluded.opened_at, resolved_at = excluded.resolved_at, summary = excluded.summary;
      RETURN '{}';
    END $body$;`
}

/**
 * The position up to which nothing can appear any more: whoever was given one at or below it holds the gate until its
 * transaction is over and visible, so that the gate, once passed, leaves none of them under way. Appends do not wait for
 * each other at the gate, and other transactions of the server, however long, do not matter.
 */
function settledFunction({ schema, gate }: Names): string {
  return `
    CREATE FUNCTION ${schema}.settled() RETURNS bigint LANGUAGE plpgsql
    SET search_path = pg_catalog SET lock_timeout = '5s' AS $body$
    DECLARE upper bigint;
    BEGIN
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO upper FROM ${schema}.positions;
      PERFORM pg_advisory_xact_lock(${lockClass}, ${gate});
      RETURN upper;
    END $body$;`
}
