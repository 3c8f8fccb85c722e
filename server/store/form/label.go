package form

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// Label is an account or a segment that a customer is in. Segments have means, accounts have none.
type Label struct {
	Hash    Hash
	Segment bool
}

// AccountLabel stands for an account of a tenant.
func (s *Secret) AccountLabel(tenant, account string) Hash { return s.Hash(ofAccount, tenant, account) }

// SegmentLabel stands for a segment of a tenant. It has the length of the key tell where the value begins.
func (s *Secret) SegmentLabel(tenant, key, value string) Hash {
	id := binary.AppendUvarint(make([]byte, 0, 256), uint64(len(key)))
	id = append(append(id, key...), value...)
	return s.Hash(ofSegment, tenant, string(id))
}

// LifecycleLabel stands for all customers of a tenant in one lifecycle.
func (s *Secret) LifecycleLabel(tenant string, lifecycle int64) Hash {
	return s.Hash(ofLifecycle, tenant, strconv.FormatInt(lifecycle, 10))
}

// GroupLabel stands for a group of which there is a mean.
func (s *Secret) GroupLabel(tenant string, group store.Group) Hash {
	if group.Segment.Key != "" {
		return s.SegmentLabel(tenant, group.Segment.Key, group.Segment.Value)
	}
	return s.LifecycleLabel(tenant, int64(group.Lifecycle))
}

// LabelsOf answers the labels of a profile in the order of their hashes; none for no profile.
func (s *Secret) LabelsOf(tenant string, profile *cmiv1.Customer) []Label {
	var labels []Label
	if account := profile.GetAccountId(); account != "" {
		labels = append(labels, Label{Hash: s.AccountLabel(tenant, account)})
	}
	for key, value := range profile.GetSegments() {
		labels = append(labels, Label{Hash: s.SegmentLabel(tenant, key, value), Segment: true})
	}
	slices.SortFunc(labels, func(a, b Label) int { return bytes.Compare(a.Hash[:], b.Hash[:]) })
	return labels
}

// LabelsAsked answers the labels that a filter asks for.
func (s *Secret) LabelsAsked(tenant string, f store.CustomerFilter) []Hash {
	var labels []Hash
	if f.AccountID != "" {
		labels = append(labels, s.AccountLabel(tenant, f.AccountID))
	}
	for _, segment := range f.Segments {
		labels = append(labels, s.SegmentLabel(tenant, segment.Key, segment.Value))
	}
	return labels
}

// Without answers the labels that are not among others.
func Without(labels, others []Label) []Label {
	return slices.DeleteFunc(slices.Clone(labels), func(l Label) bool { return slices.Contains(others, l) })
}
