-- +goose Up

-- What reports read of a score beside its place, its time and its class, in one short text that is made with the row. NULL: the
-- row was recorded before there were digests, and whoever needs one makes it from the score; or it was erased.
ALTER TABLE responses ADD COLUMN digest bytea;

-- Reports over all customers read every score that there is, from this index alone: the rows are many times as wide.
DROP INDEX responses_by_customer;
CREATE INDEX responses_by_customer ON responses (customer, submitted_at, seq)
    INCLUDE (questionnaire_class, version, cmi, voided_at, digest) WHERE customer IS NOT NULL;

-- Anonymous responses are in no index by customer. Here they stand in the order of seq within a tenant, whatever their class,
-- so that one range of it serves to cut and to read them. It is read alone as well, and so has what it picks its rows by.
CREATE INDEX responses_anonymous ON responses ((tenant_class >> 8), seq)
    INCLUDE (submitted_at, questionnaire_class, voided_at, digest, tenant_class, customer)
    WHERE customer IS NULL AND tenant_class > 0;

-- +goose Down

DROP INDEX responses_anonymous;
DROP INDEX responses_by_customer;
ALTER TABLE responses DROP COLUMN digest;
CREATE INDEX responses_by_customer ON responses (customer, submitted_at, seq) INCLUDE (questionnaire_class, version, cmi, voided_at)
    WHERE customer IS NOT NULL;
