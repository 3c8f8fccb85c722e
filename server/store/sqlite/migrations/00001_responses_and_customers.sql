-- +goose Up

-- What the store knows of itself: "secret" keys every hash below, so that hashes of ids in one file say nothing to who has
-- another file; "rules" are those by which standings were computed.
CREATE TABLE self (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Lists walk responses of one tenant, or of one questionnaire of one tenant. Both are scopes: the tenant's own has an
-- empty questionnaire. A scope is a small number, so that index entries stay short.
CREATE TABLE scopes (
    id            INTEGER PRIMARY KEY,
    tenant        TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    UNIQUE (tenant, questionnaire)
) STRICT;

-- Texts about customers (profiles, reasons of void marks). Rows are only appended, and overwritten by as many bytes: so SQLite
-- never moves one to another page, where a copy would stay behind that an erasure does not find. body is the length of
-- the text as a varint, the text, and zeros up to a round size that leaves room to grow in place.
CREATE TABLE slots (
    seq  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Rows are appended in the order of seq and found by narrow indexes. A table clustered by customer took twice as long to
-- fill: its rows are wide, so that each of them dirties a page of its own, and each index repeats the long key.
--
-- key and customer are 16-byte keyed hashes over tenant and id, so they tell tenants apart by themselves. tenant_class and
-- questionnaire_class are 256 * scope + 16 * status + bucket: one integer to compare in place of four. voided_at is the
-- largest integer where there is no mark, so that marking does not change the size of the row. The wide columns stand
-- last, so that what is not asked for is not read.
--
-- A row that was erased with its customer stays, with its key, to know what is sent again: customer and cmi are NULL, its
-- classes, version and submitted_at are 0, it has no mark, and content, score and response are as many zeros as they were
-- bytes. It becomes a little shorter, so it stays on its page, and what it leaves there is overwritten (secure_delete).
CREATE TABLE responses (
    seq                 INTEGER PRIMARY KEY,
    key                 BLOB    NOT NULL,
    customer            BLOB,
    tenant_class        INTEGER NOT NULL,
    questionnaire_class INTEGER NOT NULL,
    version             INTEGER NOT NULL,
    submitted_at        INTEGER NOT NULL,
    cmi                 REAL,
    voided_at           INTEGER NOT NULL,
    content             BLOB    NOT NULL,
    score               BLOB    NOT NULL,
    response            BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX responses_by_key ON responses (key);
-- Every index ends with seq, as all indexes of SQLite do; it is the tie-break of lists. This one holds all that a
-- trajectory is computed from, so that reading one touches one or two pages; seq stands before what may change or is no
-- part of the order.
CREATE INDEX responses_by_customer ON responses (customer, submitted_at, seq, questionnaire_class, version, cmi, voided_at)
    WHERE customer IS NOT NULL;
CREATE INDEX responses_by_tenant ON responses (tenant_class, submitted_at);
CREATE INDEX responses_by_questionnaire ON responses (questionnaire_class, submitted_at);

-- The reasons of void marks, in slots.
CREATE TABLE void_reasons (
    response INTEGER PRIMARY KEY,
    slot     INTEGER NOT NULL
) STRICT;

-- revision rises with every change of any version of the same id: it tells whether what was read still stands.
-- channels has bit 1 << channel set for each; 0 is any channel. published tells a version that was published once from a
-- draft, even when both are archived.
CREATE TABLE questionnaires (
    tenant    TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    version   INTEGER NOT NULL CHECK (version > 0),
    state     INTEGER NOT NULL,
    published INTEGER NOT NULL,
    audience  INTEGER NOT NULL,
    channels  INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    body      BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX questionnaires_by_version ON questionnaires (tenant, id, version DESC);

-- Customers in the order in which they came. key is a 16-byte keyed hash over tenant and id. profile is the slot of the
-- profile; NULL once the customer was erased: the row stays, to know the customer when a profile or an interaction is sent
-- again. revision rises with everything that is saved or recorded of the customer.
--
-- The rest is the standing. due is the microsecond from which it no longer holds: the smallest integer when the facts
-- changed since it was computed, the largest when time alone does not change it. calibrated is 1 where it depends on
-- calibrations. class is 256 * scope of the tenant + stable bucket, and 0 once erased. facets is 256 * direction +
-- 16 * lifecycle + bucket.
CREATE TABLE customers (
    seq        INTEGER PRIMARY KEY,
    key        BLOB    NOT NULL,
    tenant     INTEGER NOT NULL,
    profile    INTEGER,
    revision   INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    calibrated INTEGER NOT NULL,
    class      INTEGER NOT NULL,
    facets     INTEGER NOT NULL,
    cmi        REAL,
    velocity   REAL,
    p_value    REAL
) STRICT;

CREATE UNIQUE INDEX customers_by_key ON customers (key);
CREATE INDEX customers_by_due ON customers (due, tenant) WHERE profile IS NOT NULL;

-- Who is in which account and segment. label is a 16-byte keyed hash over the tenant and the account, or the key and value.
CREATE TABLE members (
    label    BLOB    NOT NULL,
    customer INTEGER NOT NULL,
    PRIMARY KEY (label, customer)
) STRICT, WITHOUT ROWID;

-- +goose Down

DROP TABLE members;
DROP TABLE customers;
DROP TABLE questionnaires;
DROP TABLE void_reasons;
DROP TABLE responses;
DROP TABLE slots;
DROP TABLE scopes;
DROP TABLE self;
