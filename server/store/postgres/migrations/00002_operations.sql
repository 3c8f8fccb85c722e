-- +goose Up

-- Work that takes longer than a call, in the order in which it was started. seq is never given twice. id is NULL once the
-- operation was removed: it is out of sight, and what it made goes little by little. state is that of the contract; ended_at
-- is NULL until it ended. total and done are in units of its pieces, pieces_left counts those that are not done.
--
-- Who saves a piece holds the lock of this row, and takes that of the tenant after it.
CREATE TABLE operations (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      text COLLATE "C" NOT NULL,
    id          text COLLATE "C",
    kind        text COLLATE "C" NOT NULL,
    request     bytea   NOT NULL,
    state       integer NOT NULL,
    total       bigint  NOT NULL,
    done        bigint  NOT NULL,
    pieces_left bigint  NOT NULL,
    outcome     bytea,
    created_at  bigint  NOT NULL,
    changed_at  bigint  NOT NULL,
    ended_at    bigint,
    UNIQUE (tenant, id)
) WITH (fillfactor = 50);

CREATE INDEX operations_by_tenant ON operations (tenant, seq) WHERE id IS NOT NULL;
CREATE INDEX operations_open ON operations (seq) WHERE ended_at IS NULL;
CREATE INDEX operations_ended ON operations (ended_at, seq) WHERE ended_at IS NOT NULL AND id IS NOT NULL;
CREATE INDEX operations_removed ON operations (seq) WHERE id IS NULL;

-- What operations were cut into. part is NULL until the piece is done.
CREATE TABLE operation_pieces (
    operation bigint  NOT NULL,
    piece     integer NOT NULL,
    units     bigint  NOT NULL,
    task      bytea   NOT NULL,
    part      bytea,
    PRIMARY KEY (operation, piece)
);

CREATE INDEX operation_pieces_missing ON operation_pieces (operation, piece) WHERE part IS NULL;

-- Responses that an operation scored again. move is 16 * bucket before + bucket after; response is the seq of one that is not
-- erased: what was scored again of it goes with it.
CREATE TABLE rescored (
    operation bigint  NOT NULL,
    move      integer NOT NULL,
    response  bigint  NOT NULL,
    score     bytea   NOT NULL,
    PRIMARY KEY (operation, move, response)
);

CREATE INDEX rescored_by_response ON rescored (response, operation);

-- +goose Down

DROP TABLE rescored, operation_pieces, operations;
