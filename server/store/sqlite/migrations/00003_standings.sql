-- +goose Up

-- Lists of customers walk one of these, or merge the walks of the few classes that match. What else may be asked of a
-- customer stands in the index, so that those who do not match are passed over without reading them.
CREATE INDEX customers_by_class ON customers (class, seq, facets, p_value) WHERE class > 0;
CREATE INDEX customers_by_cmi ON customers (class, cmi, seq, facets, p_value) WHERE class > 0 AND cmi IS NOT NULL;
CREATE INDEX customers_by_velocity ON customers (class, velocity, seq, facets, p_value) WHERE class > 0 AND velocity IS NOT NULL;

-- How many of a group have a CMI, and its sum in units of 1e-9: whole numbers, so that the sum does not depend on the order.
-- label is that of members, or a 16-byte keyed hash over tenant and lifecycle.
CREATE TABLE means (
    label BLOB PRIMARY KEY,
    n     INTEGER NOT NULL,
    nanos INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE calibrations (
    seq           INTEGER PRIMARY KEY,
    tenant        TEXT    NOT NULL,
    questionnaire TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    calibrated_at INTEGER NOT NULL,
    body          BLOB    NOT NULL
) STRICT;

CREATE INDEX calibrations_by_questionnaire ON calibrations (tenant, questionnaire, calibrated_at);

-- Customers of a tenant, or of all for 0, that are being marked as due, or those only that depend on calibrations. They are
-- marked in the order of seq, a few at a time; next is the first that is not yet. A row stays where that was broken off.
CREATE TABLE markings (
    id         INTEGER PRIMARY KEY,
    tenant     INTEGER NOT NULL,
    calibrated INTEGER NOT NULL,
    next       INTEGER NOT NULL
) STRICT;

-- +goose Down

DROP TABLE markings;
DROP TABLE calibrations;
DROP TABLE means;
DROP INDEX customers_by_velocity;
DROP INDEX customers_by_cmi;
DROP INDEX customers_by_class;

-- Standings rest on what goes. They are computed anew later, and come into the means then.
UPDATE customers SET revision = revision + 1, due = -9223372036854775808, calibrated = 0, class = tenant * 256, facets = 0,
    cmi = NULL, velocity = NULL, p_value = NULL
    WHERE profile IS NOT NULL;
