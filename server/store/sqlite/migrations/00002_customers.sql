-- +goose Up

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
