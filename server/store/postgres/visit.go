package postgres

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// visitors are those of whom something came in, the first of whose rows has a place before those of others first: that is
// the order in which they are created, and which lists have. given has the profile that each would start with.
const visitors = `visitors AS MATERIALIZED (
	SELECT customer, profile, nextval('customers_seq') AS seq FROM (
		SELECT customer, profile FROM (
			SELECT DISTINCT ON (g.customer) g.customer, g.profile, g.place FROM given AS g JOIN inserted USING (key)
			WHERE g.customer IS NOT NULL ORDER BY g.customer, g.place
		) AS first ORDER BY place
	) AS ordered
)`

// met has each visitor know that something of theirs was recorded, and creates those who are not known. It takes their locks
// in the order of their keys. %s is what happens where one was erased; $1 is the scope of the tenant.
const met = `met AS (
	INSERT INTO customers (seq, key, tenant) SELECT seq, customer, $1 FROM visitors ORDER BY customer
	ON CONFLICT (key) DO UPDATE SET revision = customers.revision + 1, due = -9223372036854775808, %s
	RETURNING seq, key, born = revision AS starts
), profiled AS (
	INSERT INTO profiles (customer, body) SELECT met.seq, visitors.profile FROM met JOIN visitors ON visitors.customer = met.key
	WHERE starts
), standing AS (
	INSERT INTO standings (customer, class) SELECT seq, $1 * 256 FROM met WHERE starts
)`

const (
	// startsAnew has a customer who was erased begin again.
	startsAnew = `erased = false, born = CASE WHEN customers.erased THEN customers.revision + 1 ELSE customers.born END,
		calibrated = customers.calibrated AND NOT customers.erased`
	// staysErased fails, by a tenant that may not be NULL: the customer was created and erased while the statement ran.
	staysErased = `tenant = CASE WHEN customers.erased THEN NULL ELSE customers.tenant END`
)

// newcomer is the profile of a customer of whom a visit alone is known, encoded.
func newcomer(id string, at *timestamppb.Timestamp) ([]byte, error) {
	if id == "" {
		return nil, nil
	}
	text, err := proto.Marshal(&cmiv1.Customer{CustomerId: id, CreatedAt: at})
	if err != nil {
		return nil, fmt.Errorf("encode a profile: %w", err)
	}
	return text, nil
}
