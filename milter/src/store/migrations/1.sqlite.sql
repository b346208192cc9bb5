-- Version 1 of the tables, SQLite. Times without a unit in their name are Unix seconds.
CREATE TABLE addresses (
    name TEXT PRIMARY KEY,
    received INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    received_first INTEGER NOT NULL, -- 0: never, as in the next three
    received_last INTEGER NOT NULL,
    sent_first INTEGER NOT NULL,
    sent_last INTEGER NOT NULL,
    last_day INTEGER NOT NULL        -- days since 1970: an index on it changes once a day at most
) WITHOUT ROWID;
CREATE INDEX addresses_last ON addresses (last_day);

CREATE TABLE domains (
    name TEXT PRIMARY KEY,
    received INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    received_first INTEGER NOT NULL,
    received_last INTEGER NOT NULL,
    sent_first INTEGER NOT NULL,
    sent_last INTEGER NOT NULL,
    last_day INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX domains_last ON domains (last_day);

-- Message-IDs of mail we sent: the first half of their SHA-256.
CREATE TABLE sent_ids (
    mark BLOB PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sent_ids_at ON sent_ids (at);

CREATE TABLE numbers (
    domain TEXT NOT NULL,
    digits TEXT NOT NULL,
    is_fax INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (domain, digits, is_fax)
) WITHOUT ROWID;
CREATE INDEX numbers_at ON numbers (at);

CREATE TABLE encrypted (
    address TEXT NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (address, at, name)
) WITHOUT ROWID;
CREATE INDEX encrypted_at ON encrypted (at);

CREATE TABLE records (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    decision TEXT NOT NULL,
    body TEXT NOT NULL               -- the record as JSON
);
CREATE INDEX records_at ON records (at_ms);
CREATE INDEX records_decision ON records (decision, at_ms) WHERE decision <> 'accept';

-- Which records a file was attached to: the first half of its SHA-256.
CREATE TABLE files (
    mark BLOB NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (mark, record)
) WITHOUT ROWID;
CREATE INDEX files_record ON files (record);

CREATE TABLE events (
    mark BLOB PRIMARY KEY,           -- the first half of the SHA-256 of body
    at_ms INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX events_at ON events (at_ms);

CREATE TABLE holds (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    state TEXT NOT NULL,
    held_ms INTEGER NOT NULL,
    goes_ms INTEGER,
    expires_ms INTEGER NOT NULL,
    moved_ms INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    warned INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX holds_state ON holds (state, moved_ms);

-- Batches that counted something, so that one which comes twice counts once.
CREATE TABLE batches (
    mark BLOB PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX batches_at ON batches (at);
