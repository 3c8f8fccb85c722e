package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/form"
)

// What is known of customers is read for several at once, which costs a third of reading one after the other: most of what
// a short statement costs is its start. Points and contacts are read from their indexes alone.
const (
	findRevisedProfiles = "SELECT key, revision, body FROM customers JOIN slots ON slots.seq = profile WHERE key IN (%s)"
	walkPoints          = `SELECT customer, submitted_at, seq, questionnaire_class, version, cmi FROM responses INDEXED BY responses_by_customer
		WHERE customer IN (%s) AND voided_at = ` + unmarked + ` ORDER BY customer, submitted_at, seq`
	walkContacts = `SELECT customer, occurred_at FROM interactions INDEXED BY interactions_by_customer WHERE customer IN (%s)
		ORDER BY customer, occurred_at`
	findScore = "SELECT score FROM responses WHERE seq = ?"
)

// factsWidths are of how many customers one statement reads.
func factsWidths() []int { return []int{64, 8, 1} }

// factsTogether are the statements that read what is known of a number of customers.
type factsTogether struct {
	width                      int
	profiles, points, contacts *sql.Stmt
}

func prepareWideFacts(ctx context.Context, db *sql.DB, width int) (factsTogether, error) {
	c := factsTogether{width: width}
	for text, into := range map[string]**sql.Stmt{findRevisedProfiles: &c.profiles, walkPoints: &c.points, walkContacts: &c.contacts} {
		var err error
		if *into, err = db.PrepareContext(ctx, fmt.Sprintf(text, "?"+strings.Repeat(", ?", width-1))); err != nil {
			return factsTogether{}, fmt.Errorf("prepare the reading of facts: %w", err)
		}
	}
	return c, nil
}

// Facts answers what is known of customers, all of it from one snapshot.
func (s *Store) Facts(ctx context.Context, tenant string, ids []string, upTo time.Time) (all []*store.Facts, err error) {
	ctx, span := form.Start(ctx, driver, "store.Facts")
	defer func() { form.End(span, err) }()
	form.Count(span, "cmi.customers", len(ids))

	all = make([]*store.Facts, len(ids))
	err = s.look(ctx, "read facts", func(v *view) error {
		keys := make([]form.Hash, len(ids))
		known := make(map[form.Hash]*knowledge, len(ids))
		for i, id := range ids {
			keys[i] = s.secret.Hash(form.OfCustomer, tenant, id)
			if known[keys[i]] == nil {
				known[keys[i]] = &knowledge{place: i, upTo: upTo.UnixMicro()}
			}
		}
		// By their keys: neighbours in the index are read one after the other.
		rest := slices.SortedFunc(maps.Keys(known), func(a, b form.Hash) int { return bytes.Compare(a[:], b[:]) })
		for _, c := range v.reader.wideFacts {
			for len(rest) >= c.width {
				if err := v.know(ctx, c, rest[:c.width], known); err != nil {
					return err
				}
				rest = rest[c.width:]
			}
		}
		for i, key := range keys {
			k := known[key]
			if k.place < i {
				all[i] = again(all[k.place])
				continue
			}
			if all[i], err = v.whole(ctx, k); err != nil {
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

// knowledge are facts in the making.
type knowledge struct {
	place        int // where they are asked for first
	upTo         int64
	facts        *store.Facts // nil: there is no profile
	seqs, scopes []int64      // of the points
}

// know reads what is known of customers into their places.
func (v *view) know(ctx context.Context, c factsTogether, keys []form.Hash, known map[form.Hash]*knowledge) error {
	args := make([]any, len(keys))
	for i := range keys {
		args[i] = keys[i][:]
	}
	var key sql.RawBytes
	for _, part := range []struct {
		stmt *sql.Stmt
		take func(*sql.Rows) error
	}{
		{c.profiles, func(rows *sql.Rows) error {
			var revision int64
			var slot sql.RawBytes
			if err := rows.Scan(&key, &revision, &slot); err != nil {
				return fmt.Errorf("read a profile: %w", err)
			}
			profile, err := decodeProfile(slot)
			known[form.Hash(key)].facts = &store.Facts{Profile: profile, Revision: revision, Next: math.MaxInt64}
			return err
		}},
		{c.points, func(rows *sql.Rows) error {
			var p store.Point
			var seq, whole int64
			var cmi sql.NullFloat64
			if err := rows.Scan(&key, &p.At, &seq, &whole, &p.Version, &cmi); err != nil {
				return fmt.Errorf("read a point: %w", err)
			}
			p.Status, p.Bucket = form.Class(whole % form.PerScope).Split()
			p.CMI = cmi.Float64
			known[form.Hash(key)].addPoint(p, seq, whole/form.PerScope)
			return nil
		}},
		{c.contacts, func(rows *sql.Rows) error {
			var at int64
			if err := rows.Scan(&key, &at); err != nil {
				return fmt.Errorf("read an interaction: %w", err)
			}
			known[form.Hash(key)].addContact(at)
			return nil
		}},
	} {
		err := v.each(ctx, part.stmt, args, func(rows *sql.Rows) (bool, error) { return true, part.take(rows) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *knowledge) addPoint(p store.Point, seq, scope int64) {
	switch {
	case k.facts == nil:
	case p.At > k.upTo:
		k.facts.Next = min(k.facts.Next, p.At)
	default:
		k.facts.Points, k.seqs, k.scopes = append(k.facts.Points, p), append(k.seqs, seq), append(k.scopes, scope)
	}
}

func (k *knowledge) addContact(at int64) {
	switch {
	case k.facts == nil:
	case at > k.upTo:
		k.facts.Next = min(k.facts.Next, at)
	default:
		k.facts.Interactions = append(k.facts.Interactions, at)
	}
}

// whole is what is known of a customer; nil where there is no profile.
func (v *view) whole(ctx context.Context, k *knowledge) (f *store.Facts, err error) {
	if k.facts == nil {
		return nil, nil
	}
	f = k.facts
	for i, scope := range k.scopes {
		if f.Points[i].QuestionnaireID, err = v.questionnaire(ctx, scope); err != nil {
			return nil, err
		}
	}
	return f, v.orderTies(ctx, f.Points, k.seqs)
}

// again is the same for who asked twice: what is answered belongs to the caller.
func again(f *store.Facts) *store.Facts {
	if f == nil {
		return nil
	}
	other := *f
	other.Profile, other.Points, other.Interactions = proto.CloneOf(f.Profile), slices.Clone(f.Points), slices.Clone(f.Interactions)
	return &other
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
