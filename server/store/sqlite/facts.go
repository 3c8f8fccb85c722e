package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Points and contacts are read from their indexes alone, from the first one on until one lies after the time that is asked
// for.
const (
	findRevisedProfile = "SELECT revision, body FROM customers JOIN slots ON slots.seq = profile WHERE key = ?"
	walkPoints         = `SELECT submitted_at, seq, questionnaire_class, version, cmi FROM responses INDEXED BY responses_by_customer
		WHERE customer = ? AND voided_at = ` + unmarked + ` ORDER BY submitted_at, seq`
	walkContacts = `SELECT occurred_at FROM interactions INDEXED BY interactions_by_customer WHERE customer = ? ORDER BY occurred_at`
	findScore    = "SELECT score FROM responses WHERE seq = ?"
)

// Facts answers what is known of customers, all of it from one snapshot.
func (s *Store) Facts(ctx context.Context, tenant string, ids []string, upTo time.Time) (all []*store.Facts, err error) {
	ctx, span := form.Start(ctx, driver, "store.Facts")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.customers", len(ids))

	all = make([]*store.Facts, len(ids))
	err = s.look(ctx, "read facts", func(v *view) error {
		for i, id := range ids {
			key := s.secret.Hash(form.OfCustomer, tenant, id)
			if all[i], err = v.facts(ctx, key, upTo.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// facts are those of one customer, nil where there is no profile.
func (v *view) facts(ctx context.Context, key form.Hash, upTo int64) (*store.Facts, error) {
	f := &store.Facts{Next: math.MaxInt64}
	var slot []byte
	err := v.row(ctx, v.reader.findRevisedProfile, key[:]).Scan(&f.Revision, &slot)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a profile: %w", err)
	}
	if f.Profile, err = decodeProfile(slot); err != nil {
		return nil, err
	}
	if err := v.points(ctx, key, upTo, f); err != nil {
		return nil, err
	}
	err = v.each(ctx, v.reader.walkContacts, []any{key[:]}, func(rows *sql.Rows) (bool, error) {
		var at int64
		if err := rows.Scan(&at); err != nil {
			return false, fmt.Errorf("read an interaction: %w", err)
		}
		if at > upTo {
			f.Next = min(f.Next, at)
			return false, nil
		}
		f.Interactions = append(f.Interactions, at)
		return true, nil
	})
	return f, err
}

// points reads the responses of one customer.
func (v *view) points(ctx context.Context, key form.Hash, upTo int64, f *store.Facts) error {
	var seqs, scopes []int64
	err := v.each(ctx, v.reader.walkPoints, []any{key[:]}, func(rows *sql.Rows) (bool, error) {
		var p store.Point
		var seq, whole int64
		var cmi sql.NullFloat64
		if err := rows.Scan(&p.At, &seq, &whole, &p.Version, &cmi); err != nil {
			return false, fmt.Errorf("read a point: %w", err)
		}
		if p.At > upTo {
			f.Next = min(f.Next, p.At)
			return false, nil
		}
		p.Status, p.Bucket = form.Class(whole % form.PerScope).Split()
		p.CMI = cmi.Float64
		f.Points, seqs, scopes = append(f.Points, p), append(seqs, seq), append(scopes, whole/form.PerScope)
		return true, nil
	})
	if err != nil {
		return err
	}
	for i, scope := range scopes {
		if f.Points[i].QuestionnaireID, err = v.questionnaire(ctx, scope); err != nil {
			return err
		}
	}
	return v.orderTies(ctx, f.Points, seqs)
}

// orderTies puts points of the same microsecond in the order of their response ids, which are read for those alone.
func (v *view) orderTies(ctx context.Context, points []store.Point, seqs []int64) error {
	for from := 0; from < len(points); {
		to := from + 1
		for to < len(points) && points[to].At == points[from].At {
			to++
		}
		if to-from > 1 {
			if err := v.orderTie(ctx, points[from:to], seqs[from:to]); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

func (v *view) orderTie(ctx context.Context, points []store.Point, seqs []int64) error {
	type named struct {
		id    []byte
		point store.Point
	}
	all := make([]named, len(points))
	for i, seq := range seqs {
		var body []byte
		if err := v.row(ctx, v.reader.findScore, seq).Scan(&body); err != nil {
			return fmt.Errorf("read a score: %w", err)
		}
		var score cmiv1.Score
		if err := proto.Unmarshal(body, &score); err != nil {
			return fmt.Errorf("a kept score cannot be read: %w", err)
		}
		all[i] = named{[]byte(score.GetResponseId()), points[i]}
	}
	slices.SortFunc(all, func(a, b named) int { return bytes.Compare(a.id, b.id) })
	for i := range all {
		points[i] = all[i].point
	}
	return nil
}
