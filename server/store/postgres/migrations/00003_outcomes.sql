-- +goose Up

-- What relationships came to. tenant is the number of the tenant's scope, kind that of the contract. One that was erased
-- with its customer stays with its key alone: customer is NULL, tenant, kind and occurred_at are 0.
CREATE TABLE outcomes (
    seq         bigint  PRIMARY KEY,
    key         uuid    NOT NULL,
    customer    uuid,
    tenant      bigint  NOT NULL,
    kind        integer NOT NULL,
    occurred_at bigint  NOT NULL,
    body        bytea   NOT NULL
);

CREATE SEQUENCE outcomes_seq OWNED BY outcomes.seq;
CREATE UNIQUE INDEX outcomes_by_key ON outcomes (key);
-- kind stands in both, so that other kinds are passed over without reading them.
CREATE INDEX outcomes_by_customer ON outcomes (customer, occurred_at, seq, kind) WHERE customer IS NOT NULL;
CREATE INDEX outcomes_by_tenant ON outcomes (tenant, occurred_at, seq, kind);

-- How many were asked to answer, in periods that begin at starts_at and end before ends_at; never 0.
CREATE TABLE invitations (
    tenant        bigint  NOT NULL,
    questionnaire text COLLATE "C" NOT NULL,
    channel       integer NOT NULL,
    starts_at     bigint  NOT NULL,
    ends_at       bigint  NOT NULL,
    invited       integer NOT NULL CHECK (invited > 0),
    PRIMARY KEY (tenant, questionnaire, channel, starts_at, ends_at)
);

-- +goose Down

DROP TABLE invitations, outcomes;
