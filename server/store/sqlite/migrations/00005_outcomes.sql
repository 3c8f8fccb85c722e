-- +goose Up

-- What relationships came to, appended like interactions. tenant is the number of the tenant's scope, kind that of the
-- contract. An outcome that was erased with its customer stays with its key: customer is NULL, tenant, kind and occurred_at
-- are 0, and body is as many zeros as it was bytes.
CREATE TABLE outcomes (
    seq         INTEGER PRIMARY KEY,
    key         BLOB    NOT NULL,
    customer    BLOB,
    tenant      INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    body        BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX outcomes_by_key ON outcomes (key);
-- kind stands in both, behind the order of lists, so that other kinds are passed over without reading them.
CREATE INDEX outcomes_by_customer ON outcomes (customer, occurred_at, seq, kind) WHERE customer IS NOT NULL;
CREATE INDEX outcomes_by_tenant ON outcomes (tenant, occurred_at, seq, kind);

-- How many were asked to answer, in periods that begin at starts_at and end before ends_at; never 0.
CREATE TABLE invitations (
    tenant        INTEGER NOT NULL,
    questionnaire TEXT    NOT NULL,
    channel       INTEGER NOT NULL,
    starts_at     INTEGER NOT NULL,
    ends_at       INTEGER NOT NULL,
    invited       INTEGER NOT NULL CHECK (invited > 0),
    PRIMARY KEY (tenant, questionnaire, channel, starts_at, ends_at)
) STRICT, WITHOUT ROWID;

-- +goose Down

DROP TABLE invitations;
DROP TABLE outcomes;
