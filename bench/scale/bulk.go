package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	_ "modernc.org/sqlite"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// Filling a store of millions through the service takes hours, since every index is kept with every row. So the rows are
// written here as the store writes them, without indexes, which are made at the end. What is read back through the service
// afterwards would be wrong, or missing, were they written in another form than the store knows.

const (
	tenant   = "default"
	together = 50      // rows a statement
	piece    = 200_000 // rows a transaction
)

// bulk writes into a store that the service has set up, and that nobody has open.
type bulk struct {
	db      *sql.DB
	secret  []byte
	scopes  map[string]int64 // by questionnaire
	kinds   map[string]int64
	indexes []string // what makes them
}

// fillDirectly writes the whole population.
func fillDirectly(ctx context.Context, file string, customers int, now time.Time) (err error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-2000000)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	b := &bulk{db: db, scopes: map[string]int64{}, kinds: map[string]int64{}}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"read what the service set up", b.read},
		{"drop the indexes", b.drop},
		{"write customers", func(ctx context.Context) error { return b.customers(ctx, customers, now) }},
		{"write interactions", func(ctx context.Context) error { return b.interactions(ctx, customers, now) }},
		{"write responses", func(ctx context.Context) error { return b.responses(ctx, customers, now) }},
		{"make the indexes", b.index},
	} {
		began := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", step.what, time.Since(began).Round(time.Second))
	}
	return nil
}

// hash is that of the store.
func (b *bulk) hash(kind byte, id string) []byte {
	text := append(append([]byte(nil), b.secret...), kind)
	text = binary.AppendUvarint(text, uint64(len(tenant)))
	sum := sha256.Sum256(append(append(text, tenant...), id...))
	return sum[:16]
}

// segment is the hash of a segment.
func (b *bulk) segment(key, value string) []byte {
	id := binary.AppendUvarint(nil, uint64(len(key)))
	return b.hash('s', string(id)+key+value)
}

func (b *bulk) read(ctx context.Context) error {
	if err := b.db.QueryRowContext(ctx, "SELECT value FROM self WHERE name = 'secret'").Scan(&b.secret); err != nil {
		return err
	}
	if err := b.numbers(ctx, "SELECT questionnaire, id FROM scopes WHERE tenant = '"+tenant+"'", b.scopes); err != nil {
		return err
	}
	return b.numbers(ctx, "SELECT key, id FROM kinds", b.kinds)
}

func (b *bulk) numbers(ctx context.Context, query string, into map[string]int64) error {
	rows, err := b.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name []byte
		var id int64
		if err := rows.Scan(&name, &id); err != nil {
			return err
		}
		into[string(name)] = id
	}
	return rows.Err()
}

func (b *bulk) drop(ctx context.Context) error {
	rows, err := b.db.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
		AND tbl_name IN ('responses', 'customers', 'interactions')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var drops []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		drops, b.indexes = append(drops, "DROP INDEX "+name), append(b.indexes, text)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return b.all(ctx, drops)
}

func (b *bulk) index(ctx context.Context) error { return b.all(ctx, b.indexes) }

func (b *bulk) all(ctx context.Context, statements []string) error {
	for _, text := range statements {
		if _, err := b.db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// rows gathers the rows of a table and writes them.
type rows struct {
	b       *bulk
	into    string
	columns int
	args    []any
	tx      *sql.Tx
	n       int
}

func (r *rows) add(ctx context.Context, values ...any) error {
	r.args = append(r.args, values...)
	if r.n++; len(r.args) < together*r.columns {
		return nil
	}
	return r.flush(ctx)
}

func (r *rows) flush(ctx context.Context) (err error) {
	if len(r.args) > 0 {
		if r.tx == nil {
			if r.tx, err = r.b.db.BeginTx(ctx, nil); err != nil {
				return err
			}
		}
		tuple := "(?" + strings.Repeat(", ?", r.columns-1) + ")"
		text := "INSERT INTO " + r.into + " VALUES " + tuple + strings.Repeat(", "+tuple, len(r.args)/r.columns-1)
		if _, err := r.tx.ExecContext(ctx, text, r.args...); err != nil {
			return err
		}
		r.args = r.args[:0]
	}
	if r.tx != nil && r.n >= piece {
		return r.commit()
	}
	return nil
}

func (r *rows) commit() error {
	err := r.tx.Commit()
	r.tx, r.n = nil, 0
	return err
}

func (r *rows) end(ctx context.Context) error {
	if err := r.flush(ctx); err != nil || r.tx == nil {
		return err
	}
	return r.commit()
}

// customers writes profiles, rows and labels. The first numbers belong to whom the service was set up with.
func (b *bulk) customers(ctx context.Context, customers int, now time.Time) error {
	slots := &rows{b: b, into: "slots (seq, body)", columns: 2}
	for i := range customers {
		profile := newCustomer(i, now).profile()
		profile.CreatedAt = timestamppb.New(now)
		text, err := proto.Marshal(profile)
		if err != nil {
			return err
		}
		length := binary.AppendUvarint(nil, uint64(len(text)))
		need := len(length) + len(text)
		body := make([]byte, (need+need/8+127)/128*128)
		copy(body[copy(body, length):], text)
		if err := slots.add(ctx, setUp+i, body); err != nil {
			return err
		}
	}
	if err := slots.end(ctx); err != nil {
		return err
	}
	people := &rows{b: b, into: "customers (seq, key, tenant, profile, revision, due, calibrated, class, facets)", columns: 9}
	for i := range customers {
		if err := people.add(ctx, setUp+i, b.hash('c', customerID(i)), b.scopes[""], setUp+i, 1, int64(-1<<63), 0, 256*b.scopes[""], 0); err != nil {
			return err
		}
	}
	if err := people.end(ctx); err != nil {
		return err
	}
	labels := &rows{b: b, into: "members (label, customer)", columns: 2}
	for i := range customers {
		profile := newCustomer(i, now).profile()
		for key, value := range profile.GetSegments() {
			if err := labels.add(ctx, b.segment(key, value), setUp+i); err != nil {
				return err
			}
		}
		if account := profile.GetAccountId(); account != "" {
			if err := labels.add(ctx, b.hash('a', account), setUp+i); err != nil {
				return err
			}
		}
	}
	return labels.end(ctx)
}

// setUp is the first number that is free: the service numbered few before.
const setUp = 100

func (b *bulk) interactions(ctx context.Context, customers int, now time.Time) error {
	into, seq := &rows{b: b, into: "interactions (seq, key, customer, kind, occurred_at, body)", columns: 6}, setUp
	for i := range customers {
		c := newCustomer(i, now)
		c.profile() // draws the same random numbers as before
		for _, one := range c.interactions() {
			body, err := proto.Marshal(one)
			if err != nil {
				return err
			}
			kind, known := b.kinds[string(b.hash('k', one.GetKind()))]
			if !known {
				return fmt.Errorf("the service knows no kind %q", one.GetKind())
			}
			if err := into.add(ctx, seq, b.hash('i', one.GetInteractionId()), b.hash('c', one.GetCustomerId()), kind,
				one.GetOccurredAt().AsTime().UnixMicro(), body); err != nil {
				return err
			}
			seq++
		}
	}
	return into.end(ctx)
}

// responses writes wave after wave, each in an order of customers of its own, as surveys come in.
func (b *bulk) responses(ctx context.Context, customers int, now time.Time) error {
	q := questionnaire()
	q.Version = 1
	scorer, err := scoring.Compile(q)
	if err != nil {
		return err
	}
	into := &rows{b: b, into: `responses (seq, key, customer, tenant_class, questionnaire_class, version, submitted_at, cmi, voided_at, content,
		score, response)`, columns: 12}
	seq, content := setUp, make([]byte, 32)
	for wave := range waves {
		for j := range customers {
			r := newCustomer(shuffled(j, wave, customers), now).response(wave)
			score, err := scorer.Score(r)
			if err != nil {
				return err
			}
			score.ScoredAt = timestamppb.New(now)
			scored, err := proto.Marshal(score)
			if err != nil {
				return err
			}
			said, err := proto.Marshal(r)
			if err != nil {
				return err
			}
			class := int64(score.GetStatus())<<4 | int64(score.GetBucket())
			if err := into.add(ctx, seq, b.hash('r', r.GetResponseId()), b.hash('c', r.GetCustomerId()), 256*b.scopes[""]+class,
				256*b.scopes[questionnaireID]+class, 1, r.GetSubmittedAt().AsTime().UnixMicro(), score.GetCmi(), int64(1<<63-1), content,
				scored, said); err != nil {
				return err
			}
			seq++
		}
	}
	return into.end(ctx)
}

// prepare has the service set the store up: the questionnaire, and one customer who did and answered something.
func (s *service) prepare(ctx context.Context) error {
	if err := s.publish(ctx); err != nil {
		return err
	}
	var all []*cmiv1.Interaction
	for i, kind := range interactionKinds() {
		all = append(all, &cmiv1.Interaction{
			InteractionId: fmt.Sprintf("first-%d", i), CustomerId: "first", Kind: kind, OccurredAt: timestamppb.New(time.Now().AddDate(0, 0, -200)),
		})
	}
	if _, err := s.customers.RecordInteractions(ctx, &cmiv1.RecordInteractionsRequest{Interactions: all}); err != nil {
		return err
	}
	first := newCustomer(0, time.Now()).response(0)
	first.ResponseId, first.CustomerId = "first", "first"
	_, err := s.scoring.ScoreCustomer(ctx, &cmiv1.ScoreCustomerRequest{QuestionnaireId: questionnaireID, Response: first})
	return err
}
