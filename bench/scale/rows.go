package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/store/form"
)

// Filling a store of millions through the service takes hours, since every index is kept with every row. So the rows are
// written here as the drivers write them, without indexes, which are made at the end. What is read back through the service
// afterwards would be wrong, or missing, were they written in another form than the drivers know.

const tenant = "default"

// setUp is the first number that is free: the service numbered few before.
const setUp = 100

// numbers is what the service gave small numbers when it set the store up.
type numbers struct {
	secret *form.Secret
	scopes map[string]int64 // by questionnaire; the tenant's own is empty
	kinds  map[form.Hash]int64
}

func newNumbers() numbers {
	return numbers{scopes: make(map[string]int64), kinds: make(map[form.Hash]int64)}
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
		fmt.Fprintf(os.Stderr, "%s: %s\n", s.what, time.Since(began).Round(time.Second))
	}
	return nil
}

// person is a customer as drivers write one.
type person struct {
	seq     int64
	key     form.Hash
	profile []byte
	labels  []form.Label
}

func (n *numbers) people(customers int, now time.Time) iter.Seq2[person, error] {
	return func(yield func(person, error) bool) {
		for i := range customers {
			profile := newCustomer(i, now).profile()
			profile.CreatedAt = timestamppb.New(now)
			text, err := proto.Marshal(profile)
			one := person{
				seq: setUp + int64(i), key: n.secret.Hash(form.OfCustomer, tenant, customerID(i)), profile: text, labels: n.secret.LabelsOf(tenant, profile),
			}
			if !yield(one, err) || err != nil {
				return
			}
		}
	}
}

// deed is an interaction as drivers write one.
type deed struct {
	seq      int64
	customer form.Hash
	kind     int64
	form.Interaction
}

func (n *numbers) deeds(customers int, now time.Time) iter.Seq2[deed, error] {
	return func(yield func(deed, error) bool) {
		seq := int64(setUp)
		for i := range customers {
			c := newCustomer(i, now)
			c.profile() // draws the same random numbers as before
			for _, one := range c.interactions() {
				written, err := form.NewInteraction(n.secret, tenant, one)
				kind, known := n.kinds[written.Kind]
				if err == nil && !known {
					err = fmt.Errorf("the service knows no kind %q", one.GetKind())
				}
				if !yield(deed{seq, n.secret.Hash(form.OfCustomer, tenant, written.CustomerID), kind, written}, err) || err != nil {
					return
				}
				seq++
			}
		}
	}
}

// answer is a response with its score as drivers write one.
type answer struct {
	seq                             int64
	key, customer                   form.Hash
	tenantClass, questionnaireClass int64
	submittedAt                     int64
	cmi                             float64
	content, score, response        []byte
	digest                          []byte
}

// answers come wave after wave, each in an order of customers of its own, as surveys come in.
func (n *numbers) answers(customers int, now time.Time) iter.Seq2[answer, error] {
	return func(yield func(answer, error) bool) {
		q := questionnaire()
		q.Version = 1
		scorer, err := scoring.Compile(q)
		if err != nil {
			yield(answer{}, err)
			return
		}
		seq, content := int64(setUp), make([]byte, 32)
		for wave := range waves {
			for j := range customers {
				r := newCustomer(shuffled(j, wave, customers), now).response(wave)
				one, err := n.answer(scorer, r, now)
				one.seq, one.content = seq, content
				if !yield(one, err) || err != nil {
					return
				}
				seq++
			}
		}
	}
}

func (n *numbers) answer(scorer *scoring.Scorer, r *cmiv1.Response, now time.Time) (answer, error) {
	score, err := scorer.Score(r)
	if err != nil {
		return answer{}, err
	}
	score.ScoredAt = timestamppb.New(now)
	class := int64(score.GetStatus())<<4 | int64(score.GetBucket())
	one := answer{
		key: n.secret.Hash(form.OfResponse, tenant, r.GetResponseId()), customer: n.secret.Hash(form.OfCustomer, tenant, r.GetCustomerId()),
		tenantClass: form.PerScope*n.scopes[""] + class, questionnaireClass: form.PerScope*n.scopes[questionnaireID] + class,
		submittedAt: r.GetSubmittedAt().AsTime().UnixMicro(), cmi: score.GetCmi(), digest: form.EncodeDigest(score),
	}
	if one.score, err = proto.Marshal(score); err != nil {
		return answer{}, err
	}
	one.response, err = proto.Marshal(r)
	return one, err
}
