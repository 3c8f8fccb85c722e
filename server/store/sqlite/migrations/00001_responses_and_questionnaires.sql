-- +goose Up

-- Lists walk responses of one tenant, or of one questionnaire of one tenant. Both are scopes: the tenant's own has an
-- empty questionnaire. A scope is a small number, so that index entries stay short.
CREATE TABLE scopes (
    id            INTEGER PRIMARY KEY,
    tenant        TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    UNIQUE (tenant, questionnaire)
) STRICT;

-- Rows are appended in the order of seq and found by narrow indexes. A table clustered by customer took twice as long to
-- fill: its rows are wide, so that each of them dirties a page of its own, and each index repeats the long key.
--
-- key and customer are 16-byte hashes over tenant and id, so they tell tenants apart by themselves. tenant_class and
-- questionnaire_class are 256 * scope + 16 * status + bucket: one integer to compare in place of four. The wide columns
-- stand last, so that what is not asked for is not read.
CREATE TABLE responses (
    seq                 INTEGER PRIMARY KEY,
    key                 BLOB    NOT NULL,
    customer            BLOB,
    tenant_class        INTEGER NOT NULL,
    questionnaire_class INTEGER NOT NULL,
    submitted_at        INTEGER NOT NULL,
    content             BLOB    NOT NULL,
    voided_at           INTEGER,
    void_reason         TEXT,
    score               BLOB    NOT NULL,
    response            BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX responses_by_key ON responses (key);
-- Every index ends with seq, as all indexes of SQLite do; it is the tie-break of lists.
CREATE INDEX responses_by_customer ON responses (customer, submitted_at) WHERE customer IS NOT NULL;
CREATE INDEX responses_by_tenant ON responses (tenant_class, submitted_at);
CREATE INDEX responses_by_questionnaire ON responses (questionnaire_class, submitted_at);

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
