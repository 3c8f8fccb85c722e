-- +goose Up

-- Kinds of interaction, by small numbers. key is a 16-byte keyed hash over tenant and name. The name itself stands in the
-- interactions alone, and is erased with them.
CREATE TABLE kinds (
    id  INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE
) STRICT;

-- What customers did, appended like responses. An interaction that was erased with its customer stays with its key:
-- customer is NULL, kind and occurred_at are 0, and body is as many zeros as it was bytes.
CREATE TABLE interactions (
    seq         INTEGER PRIMARY KEY,
    key         BLOB    NOT NULL,
    customer    BLOB,
    kind        INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    body        BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX interactions_by_key ON interactions (key);
CREATE INDEX interactions_by_customer ON interactions (customer, occurred_at, kind) WHERE customer IS NOT NULL;
CREATE INDEX interactions_by_kind ON interactions (kind, occurred_at);

-- +goose Down

DROP TABLE interactions;
DROP TABLE kinds;
