-- Version 1 of the tables, PostgreSQL. Times without a unit in their name are Unix seconds.
CREATE TABLE addresses (
    name text PRIMARY KEY,
    received bigint NOT NULL,
    sent bigint NOT NULL,
    received_first bigint NOT NULL, -- 0: never, as in the next three
    received_last bigint NOT NULL,
    sent_first bigint NOT NULL,
    sent_last bigint NOT NULL,
    last_day bigint NOT NULL        -- days since 1970: an index on it changes once a day at most
) WITH (fillfactor = 80);
CREATE INDEX addresses_last ON addresses (last_day);

CREATE TABLE domains (
    name text PRIMARY KEY,
    received bigint NOT NULL,
    sent bigint NOT NULL,
    received_first bigint NOT NULL,
    received_last bigint NOT NULL,
    sent_first bigint NOT NULL,
    sent_last bigint NOT NULL,
    last_day bigint NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX domains_last ON domains (last_day);

-- Message-IDs of mail we sent: the first half of their SHA-256.
CREATE TABLE sent_ids (
    mark bytea PRIMARY KEY,
    at bigint NOT NULL
);
CREATE INDEX sent_ids_at ON sent_ids (at);

CREATE TABLE numbers (
    domain text NOT NULL,
    digits text NOT NULL,
    is_fax boolean NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (domain, digits, is_fax)
);
CREATE INDEX numbers_at ON numbers (at);

CREATE TABLE encrypted (
    address text NOT NULL,
    at bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (address, at, name)
);
CREATE INDEX encrypted_at ON encrypted (at);

-- One partition a month, made when needed, dropped whole.
CREATE TABLE records (
    at_ms bigint NOT NULL,
    id text NOT NULL,
    decision text NOT NULL,
    files text[] NOT NULL,          -- of each attached file the first half of its SHA-256, hex
    body text NOT NULL,             -- the record as JSON
    PRIMARY KEY (at_ms, id)
) PARTITION BY RANGE (at_ms);
CREATE INDEX records_id ON records (id);
CREATE INDEX records_decision ON records (decision, at_ms) WHERE decision <> 'accept';
CREATE INDEX records_files ON records USING gin (files);

CREATE TABLE events (
    at_ms bigint NOT NULL,
    mark bytea NOT NULL,            -- the first half of the SHA-256 of body
    body text NOT NULL,
    PRIMARY KEY (at_ms, mark)
) PARTITION BY RANGE (at_ms);

CREATE TABLE holds (
    id text PRIMARY KEY,
    host text NOT NULL,
    state text NOT NULL,
    held_ms bigint NOT NULL,
    goes_ms bigint,
    expires_ms bigint NOT NULL,
    moved_ms bigint NOT NULL,
    decided_by text NOT NULL,
    warned boolean NOT NULL,
    body text NOT NULL
);
CREATE INDEX holds_state ON holds (state, moved_ms);

-- Batches that counted something, so that one which comes twice counts once.
CREATE TABLE batches (
    mark bytea PRIMARY KEY,
    at bigint NOT NULL
);
CREATE INDEX batches_at ON batches (at);
