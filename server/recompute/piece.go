package recompute

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/measures"
	"github.com/customer-momentum/cmi/server/operations"
	"github.com/customer-momentum/cmi/server/store"
)

// piece scores some responses again.
type piece struct {
	store   Store
	tenant  string
	scorer  *scoring.Scorer
	groups  *grouping
	started *timestamppb.Timestamp
}

func newPiece(from Store, op store.Operation) (*piece, error) {
	p, err := planOf(op)
	if err != nil {
		return nil, err
	}
	request, err := p.request()
	if err != nil {
		return nil, err
	}
	q, err := p.questionnaire()
	if err != nil {
		return nil, err
	}
	scorer, err := scoring.Compile(q)
	if err != nil {
		return nil, fmt.Errorf("compile the version of a recompute: %w", err)
	}
	return &piece{
		store: from, tenant: op.Tenant, scorer: scorer, groups: newGrouping(request.GetGroupBy()),
		started: timestamppb.New(time.UnixMicro(op.CreatedAt)),
	}, nil
}

// score scores the responses of a slice, with the behaviour that is known now of the time before each.
func (p *piece) score(ctx context.Context, slice store.ResponseSlice) (done operations.Done, err error) {
	all, err := p.store.ResponsesIn(ctx, p.tenant, slice)
	if err != nil {
		return done, fmt.Errorf("read responses: %w", err)
	}
	responses := make([]*cmiv1.Response, len(all))
	for i, kept := range all {
		responses[i] = kept.Response
	}
	measured, err := measures.Take(ctx, p.store, p.tenant, p.scorer, responses, func(i int) time.Time {
		return all[i].Score.GetSubmittedAt().AsTime()
	})
	if err != nil {
		return done, err
	}
	profiles, err := p.profiles(ctx, all)
	if err != nil {
		return done, err
	}
	sum := newPart()
	for i, kept := range all {
		score, err := p.scorer.Rescore(kept.Response, measured.Of(i))
		if err != nil {
			return done, fmt.Errorf("score a response again: %w", err)
		}
		sum.add(kept.Score, score, p.groups.of(kept.Score, profiles[kept.Score.GetCustomerId()]))
		rescored, err := p.rescored(kept, score)
		if err != nil {
			return done, err
		}
		done.Rescored = append(done.Rescored, rescored)
	}
	done.Part, err = sum.encode()
	return done, err
}

// rescored is a score as it is kept: without what its recorded one says too.
func (p *piece) rescored(kept *store.Kept, score *cmiv1.Score) (store.Rescored, error) {
	score.ResponseId, score.CustomerId, score.Channel, score.SubmittedAt = "", "", cmiv1.Channel_CHANNEL_UNSPECIFIED, nil
	score.ScoredAt = p.started
	body, err := proto.Marshal(score)
	if err != nil {
		return store.Rescored{}, fmt.Errorf("keep a score: %w", err)
	}
	return store.Rescored{Place: kept.Cursor, Before: kept.Score.GetBucket(), After: score.GetBucket(), Score: body}, nil
}

// profiles reads who answered, where groups depend on it.
func (p *piece) profiles(ctx context.Context, all []*store.Kept) (map[string]*cmiv1.Customer, error) {
	if !p.groups.byCustomer {
		return nil, nil
	}
	profiles := make(map[string]*cmiv1.Customer)
	var ids []string
	for _, kept := range all {
		id := kept.Score.GetCustomerId()
		if _, seen := profiles[id]; id != "" && !seen {
			profiles[id] = nil
			ids = append(ids, id)
		}
	}
	found, err := p.store.Profiles(ctx, p.tenant, ids)
	if err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	for i, profile := range found {
		profiles[ids[i]] = profile
	}
	return profiles, nil
}
