-- +goose Up

-- Work that takes longer than a call, in the order in which it was started. seq is never used again. id is NULL once the
-- operation was removed: it is out of sight, and what it made goes little by little. state is that of the contract; ended_at
-- is NULL until it ended.
CREATE TABLE operations (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT    NOT NULL,
    id          TEXT,
    kind        TEXT    NOT NULL,
    request     BLOB    NOT NULL,
    state       INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    done        INTEGER NOT NULL,
    pieces_left INTEGER NOT NULL,
    outcome     BLOB,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    ended_at    INTEGER
) STRICT;

CREATE UNIQUE INDEX operations_by_id ON operations (tenant, id) WHERE id IS NOT NULL;
CREATE INDEX operations_by_tenant ON operations (tenant) WHERE id IS NOT NULL;
-- First those that have not ended, in the order of seq.
CREATE INDEX operations_by_end ON operations (ended_at) WHERE id IS NOT NULL;
CREATE INDEX operations_removed ON operations (ended_at) WHERE id IS NULL;

-- What operations were cut into. part is NULL until the piece is done.
CREATE TABLE operation_pieces (
    operation INTEGER NOT NULL,
    piece     INTEGER NOT NULL,
    units     INTEGER NOT NULL,
    task      BLOB    NOT NULL,
    part      BLOB,
    PRIMARY KEY (operation, piece)
) STRICT;

CREATE INDEX operation_pieces_missing ON operation_pieces (operation, piece) WHERE part IS NULL;

-- Responses that an operation scored again. move is 16 * bucket before + bucket after; response is the seq of one that is not
-- erased: what was scored again of it goes with it.
CREATE TABLE rescored (
    operation INTEGER NOT NULL,
    move      INTEGER NOT NULL,
    response  INTEGER NOT NULL,
    score     BLOB    NOT NULL,
    PRIMARY KEY (operation, move, response)
) STRICT, WITHOUT ROWID;

CREATE INDEX rescored_by_response ON rescored (response, operation);

-- +goose Down

DROP TABLE rescored;
DROP TABLE operation_pieces;
DROP TABLE operations;
