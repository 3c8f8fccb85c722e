package customers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// maxSegments is how many segments a customer is in, at most.
const maxSegments = 50

// clean answers what a request says of a customer, and its etag, when all of it may be saved: times in whole microseconds,
// and nothing of what the service sets or computes. path is where the customer stands in the request.
func (c *Customers) clean(asked *cmiv1.Customer, path string) (*cmiv1.Customer, error) {
	if err := c.contract.Check(asked); err != nil {
		return nil, fault.Within(path, err)
	}
	out := &cmiv1.Customer{CustomerId: asked.GetCustomerId(), Etag: asked.GetEtag()}
	mask{everything}.apply(out, asked)
	out.Spend = proto.CloneOf(asked.GetSpend())
	var err error
	if out.FirstSeenAt, err = whole("first_seen_at", asked.GetFirstSeenAt()); err != nil {
		return nil, fault.Within(path, err)
	}
	if out.ClosedAt, err = whole("closed_at", asked.GetClosedAt()); err != nil {
		return nil, fault.Within(path, err)
	}
	for _, key := range slices.Sorted(maps.Keys(out.GetSegments())) {
		if !plain(out.GetSegments()[key]) {
			return nil, fault.Within(path, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, fmt.Sprintf("segments[%q]", key),
				"the value must be valid UTF-8 without U+0000"))
		}
	}
	return out, nil
}

// whole reads an optional time of a profile, in whole microseconds.
func whole(field string, at *timestamppb.Timestamp) (*timestamppb.Timestamp, error) {
	if at == nil {
		return nil, nil
	}
	read, err := instant(field, at)
	return timestamppb.New(read), err
}

// plain tells whether a text can be kept as it is everywhere.
func plain(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// change is one profile to save.
type change struct {
	news   *cmiv1.Customer // clean
	set    mask
	revive bool
	path   string // where it stands in the request
}

// next answers the profile after the change, and whether it is another one than before.
func (p change) next(have store.Profile, now time.Time) (next *cmiv1.Customer, changed bool, err error) {
	id := p.news.GetCustomerId()
	if have.Erased && !p.revive {
		return nil, false, fault.Field(cmiv1.ErrorReason_CUSTOMER_ERASED, p.path+".customer_id",
			"customer %q was erased; set revive to start them anew", id)
	}
	if mark := p.news.GetEtag(); mark != "" && (have.Customer == nil || mark != etag(have.Customer)) {
		return nil, false, fault.Field(cmiv1.ErrorReason_STALE_ETAG, p.path+".etag",
			"%.140q is not the etag of customer %q: the profile was changed since; read it again", mark, id)
	}
	next = &cmiv1.Customer{CustomerId: id, CreatedAt: timestamppb.New(now)}
	if have.Customer != nil {
		next = proto.CloneOf(have.Customer)
	}
	p.set.apply(next, p.news)
	if n := len(next.GetSegments()); n > maxSegments {
		return nil, false, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, p.path+".segments",
			"customer %q would be in %d segments; at most %d are allowed", id, n, maxSegments)
	}
	if have.Customer != nil && slices.Equal(said(next), said(have.Customer)) {
		return next, false, nil
	}
	next.UpdatedAt = timestamppb.New(now)
	return next, true, nil
}
