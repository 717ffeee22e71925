/** Marks the file as ours: 'FBRK'. */
export const applicationId = 0x4642524b

/**
 * The steps from an empty file to today's tables. Append-only: a step that was released is never edited, a file of any
 * age goes through the ones it lacks. `user_version` counts the steps a file has been through.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE streams (
    no INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- Where the stream stood when its events were dropped.
    pruned_version INTEGER,
    pruned_hash TEXT
  ) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams (no),
    version INTEGER NOT NULL,
    -- NULL: derived, <stream>@<version>.
    id TEXT,
    type TEXT NOT NULL,
    at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    causation_id TEXT,
    data TEXT NOT NULL,
    -- NULL after a redaction, which leaves the digest.
    salt TEXT,
    data_digest TEXT,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_of_stream ON events (stream, version);
  -- Partial: derived ids need no index, and it would nearly halve the speed of an append. The id first: ids made by the
  -- clock then go to the end of the index, and not into a page for every stream.
  CREATE UNIQUE INDEX events_by_id ON events (id, stream) WHERE id IS NOT NULL;

  -- Rewritten only when what a list shows changes; version and time of the last event come from the events.
  CREATE TABLE incidents (
    stream INTEGER PRIMARY KEY REFERENCES streams (no),
    service TEXT NOT NULL,
    status TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    resolved_at INTEGER,
    name TEXT NOT NULL,
    summary TEXT NOT NULL
  ) STRICT;
  CREATE INDEX incidents_unresolved ON incidents (opened_at, name) WHERE status <> 'resolved';
  CREATE INDEX incidents_by_time ON incidents (opened_at, name);
  CREATE INDEX incidents_by_service ON incidents (service, opened_at, name);

  CREATE TABLE snapshots (
    stream TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE presence (
    owner TEXT PRIMARY KEY,
    machine TEXT NOT NULL,
    boot TEXT NOT NULL,
    namespace TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    left_at INTEGER
  ) STRICT, WITHOUT ROWID;

  -- Positions are never given twice, even when the last events were dropped.
  CREATE TABLE positions (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
  ) STRICT;
  INSERT INTO positions (one, last) VALUES (1, 0);
  `,
]
