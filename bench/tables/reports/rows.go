package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/server/store/form"
)

// Recording millions of scores through the service takes long, since every index is kept with every row. So the rows are written
// here as the drivers write them, encoded by their own package, without indexes, which are made at the end. What is read back
// through the service afterwards would be wrong, and is compared, were they written in another form than the drivers know.

// setUp is the first number that is free: the service numbered few before.
const setUp = 100

// filling is what a store that the service has set up is filled with.
type filling struct {
	people *population
	secret *form.Secret
	scopes map[string]int64 // by questionnaire; the tenant's own is empty
}

// person is a customer as drivers write one.
type person struct {
	seq     int64
	key     form.Hash
	profile []byte
	labels  []form.Label
}

// persons leaves out the first, whom the service knows.
func (f *filling) persons(ctx context.Context) iter.Seq2[person, error] {
	return each(chunked(ctx, f.people.customers-1, func(n int) (person, error) {
		one := f.people.profile(n + 1)
		text, err := proto.Marshal(one)
		return person{
			seq: setUp + int64(n), key: f.secret.Hash(form.OfCustomer, tenant, one.GetCustomerId()), profile: text, labels: f.secret.LabelsOf(tenant, one),
		}, err
	}))
}

// label is a membership as drivers write one.
type label struct {
	hash     form.Hash
	customer int64
}

func (f *filling) labels(ctx context.Context) iter.Seq2[label, error] {
	return func(yield func(label, error) bool) {
		for p, err := range f.persons(ctx) {
			for _, l := range p.labels {
				if !yield(label{l.Hash, p.seq}, err) {
					return
				}
			}
			if err != nil {
				yield(label{}, err)
				return
			}
		}
	}
}

// answerRow is a response with its score as drivers write one.
type answerRow struct {
	*form.Response
	seq                             int64
	customer                        form.Hash
	tenantClass, questionnaireClass int64
}

// answers leaves out the first, which the service recorded.
func (f *filling) answers(ctx context.Context) iter.Seq2[answerRow, error] {
	return each(chunked(ctx, f.people.scores()-1, func(n int) (answerRow, error) {
		entry, err := f.people.entry(n + 1)
		if err != nil {
			return answerRow{}, err
		}
		r, err := form.NewResponse(f.secret, tenant, entry)
		if err != nil {
			return answerRow{}, fmt.Errorf("encode response %d: %w", n+1, err)
		}
		return answerRow{
			Response: r, seq: setUp + int64(n), customer: f.secret.Hash(form.OfCustomer, tenant, r.CustomerID),
			tenantClass: form.PerScope*f.scopes[""] + int64(r.Class), questionnaireClass: form.PerScope*f.scopes[questionnaireID] + int64(r.Class),
		}, nil
	}))
}

// step is a part of the filling, which may take long.
type step struct {
	what string
	do   func(context.Context) error
}

// steps takes them one after the other, and says how long each took.
func steps(ctx context.Context, all []step) error {
	for _, s := range all {
		began := time.Now()
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
		fmt.Fprintf(os.Stderr, "  %s: %s\n", s.what, time.Since(began).Round(100*time.Millisecond))
	}
	return nil
}
