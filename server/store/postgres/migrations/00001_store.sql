-- +goose Up

-- What the store knows of itself: "secret" keys every hash below, so that hashes of ids in one store say nothing to who has
-- another; "rules" are those by which standings were computed.
CREATE TABLE self (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);

-- Lists walk responses of one tenant, or of one questionnaire of one tenant. Both are scopes: the tenant's own has an
-- empty questionnaire. A scope is a small number, so that index entries stay short. Names are compared as bytes: a collation
-- would take some for one another, and change with the libraries of the machine.
CREATE TABLE scopes (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant        text COLLATE "C" NOT NULL,
    questionnaire text COLLATE "C" NOT NULL,
    UNIQUE (tenant, questionnaire)
);

-- revision rises with every change of any version of the same id. channels has bit 1 << channel set for each; 0 is any
-- channel. published tells a version that was published once from a draft, even when both are archived.
CREATE TABLE questionnaires (
    tenant    text COLLATE "C" NOT NULL,
    id        text COLLATE "C" NOT NULL,
    version   integer NOT NULL CHECK (version > 0),
    state     integer NOT NULL,
    published boolean NOT NULL,
    audience  integer NOT NULL,
    channels  bigint  NOT NULL,
    revision  bigint  NOT NULL,
    body      bytea   NOT NULL,
    PRIMARY KEY (tenant, id, version)
);

-- How often a questionnaire was changed or calibrated, for who missed the word of it. Whoever counts holds the row until the
-- change is committed, so a number that is read counts none that is still to come.
CREATE TABLE changes (
    n bigint NOT NULL
);

INSERT INTO changes VALUES (0);

CREATE TABLE calibrations (
    seq           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant        text COLLATE "C" NOT NULL,
    questionnaire text COLLATE "C" NOT NULL,
    version       integer NOT NULL,
    calibrated_at bigint  NOT NULL,
    body          bytea   NOT NULL
);

CREATE INDEX calibrations_by_questionnaire ON calibrations (tenant, questionnaire, calibrated_at, seq);

-- Who the customers are, in the order in which they came. key is a keyed hash over tenant and id; it has the type uuid because
-- that holds 16 bytes and nothing else. revision rises with everything that is saved or recorded of the customer; born is
-- the revision at which they were created, or started anew after an erasure. due is the microsecond from which the
-- standing no longer holds: the smallest number when the facts changed since it was computed, the largest when time
-- alone does not change it. calibrated tells that the standing depends on calibrations.
--
-- Whoever changes anything of a customer holds the lock of this row. Locks of several are taken in the order of their keys.
-- What is written with every response stands here, apart from what lists walk: so an update touches few indexes.
CREATE TABLE customers (
    seq        bigint  PRIMARY KEY,
    key        uuid    NOT NULL,
    tenant     bigint  NOT NULL,
    erased     boolean NOT NULL DEFAULT false,
    revision   bigint  NOT NULL DEFAULT 1,
    born       bigint  NOT NULL DEFAULT 1,
    due        bigint  NOT NULL DEFAULT -9223372036854775808,
    calibrated boolean NOT NULL DEFAULT false
) WITH (fillfactor = 80);

CREATE SEQUENCE customers_seq OWNED BY customers.seq;
CREATE UNIQUE INDEX customers_by_key ON customers (key);
CREATE INDEX customers_by_due ON customers (due, tenant, seq) WHERE NOT erased;

CREATE TABLE profiles (
    customer bigint PRIMARY KEY,
    body     bytea  NOT NULL
);

-- Where customers stand, for lists to find them by. class is 256 * scope of the tenant + stable bucket; facets is
-- 256 * direction + 16 * lifecycle + bucket.
CREATE TABLE standings (
    customer bigint PRIMARY KEY,
    class    bigint NOT NULL,
    facets   bigint NOT NULL DEFAULT 0,
    cmi      double precision,
    velocity double precision,
    p_value  double precision
) WITH (fillfactor = 80);

-- Lists of customers walk one of these, or merge the walks of the few classes that match. What else may be asked of a
-- customer stands in the index, so that those who do not match are passed over without reading them.
CREATE INDEX standings_by_class ON standings (class, customer) INCLUDE (facets, p_value);
CREATE INDEX standings_by_cmi ON standings (class, cmi, customer) INCLUDE (facets, p_value) WHERE cmi IS NOT NULL;
CREATE INDEX standings_by_velocity ON standings (class, velocity, customer) INCLUDE (facets, p_value) WHERE velocity IS NOT NULL;

-- Who is in which account and segment. label is a keyed hash over the tenant and the account, or the key and value.
CREATE TABLE members (
    label    uuid   NOT NULL,
    customer bigint NOT NULL,
    PRIMARY KEY (label, customer)
);

-- How many of a group have a CMI, and its sum in units of 1e-9: whole numbers, so that the sum does not depend on the order.
-- label is that of members, or a keyed hash over tenant and lifecycle.
CREATE TABLE means (
    label uuid   PRIMARY KEY,
    n     bigint NOT NULL,
    nanos bigint NOT NULL
) WITH (fillfactor = 50);

-- Customers of a tenant, or of all for 0, that are being marked as due, or those only that depend on calibrations. They are
-- marked in the order of seq, a few at a time; next is the first that is not yet. A row that has not moved for a while
-- was left behind by a process that died: another one goes on with it.
CREATE TABLE markings (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     bigint      NOT NULL,
    calibrated boolean     NOT NULL,
    next       bigint      NOT NULL,
    moved_at   timestamptz NOT NULL DEFAULT now()
);

-- key and customer are keyed hashes over tenant and id, so they tell tenants apart by themselves. tenant_class and
-- questionnaire_class are 256 * scope + 16 * status + bucket: one number to compare in place of four.
--
-- seq rises in the order in which rows were given; it is the tie-break of lists.
--
-- A row that was erased with its customer stays, with its key, to know what is sent again: customer is NULL, its classes are
-- 0 and nothing else is left.
CREATE TABLE responses (
    seq                 bigint  PRIMARY KEY,
    key                 uuid    NOT NULL,
    customer            uuid,
    tenant_class        bigint  NOT NULL,
    questionnaire_class bigint  NOT NULL,
    version             integer NOT NULL,
    submitted_at        bigint  NOT NULL,
    cmi                 double precision,
    voided_at           bigint,
    void_reason         bytea,
    content             bytea   NOT NULL,
    score               bytea   NOT NULL,
    response            bytea   NOT NULL
);

CREATE SEQUENCE responses_seq OWNED BY responses.seq;
CREATE UNIQUE INDEX responses_by_key ON responses (key);
-- It holds all that a trajectory is computed from.
CREATE INDEX responses_by_customer ON responses (customer, submitted_at, seq) INCLUDE (questionnaire_class, version, cmi, voided_at)
    WHERE customer IS NOT NULL;
CREATE INDEX responses_by_tenant ON responses (tenant_class, submitted_at, seq);
CREATE INDEX responses_by_questionnaire ON responses (questionnaire_class, submitted_at, seq);

-- Kinds of interaction, by small numbers. key is a keyed hash over tenant and name.
CREATE TABLE kinds (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL UNIQUE
);

-- What customers did. One that was erased with its customer stays with its key alone.
CREATE TABLE interactions (
    seq         bigint PRIMARY KEY,
    key         uuid   NOT NULL,
    customer    uuid,
    kind        bigint NOT NULL,
    occurred_at bigint NOT NULL,
    body        bytea  NOT NULL
);

CREATE SEQUENCE interactions_seq OWNED BY interactions.seq;
CREATE UNIQUE INDEX interactions_by_key ON interactions (key);
CREATE INDEX interactions_by_customer ON interactions (customer, occurred_at, seq) INCLUDE (kind) WHERE customer IS NOT NULL;
CREATE INDEX interactions_by_kind ON interactions (kind, occurred_at) WHERE kind > 0;

-- +goose Down

DROP TABLE interactions, kinds, responses, markings, means, members, standings, profiles, customers, calibrations, changes,
    questionnaires, scopes, self;
