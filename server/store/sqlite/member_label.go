package sqlite

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

const (
	ofAccount   kind = 'a'
	ofSegment   kind = 's'
	ofLifecycle kind = 'l'
)

// accountLabel stands for an account of a tenant.
func (s *secret) accountLabel(tenant, account string) idHash {
	return s.hash(ofAccount, tenant, account)
}

// segmentLabel stands for a segment of a tenant. The length of the key tells where the value begins.
func (s *secret) segmentLabel(tenant, key, value string) idHash {
	id := binary.AppendUvarint(make([]byte, 0, 256), uint64(len(key)))
	id = append(append(id, key...), value...)
	return s.hash(ofSegment, tenant, string(id))
}

// lifecycleLabel stands for all customers of a tenant in one lifecycle.
func (s *secret) lifecycleLabel(tenant string, lifecycle int64) idHash {
	return s.hash(ofLifecycle, tenant, strconv.FormatInt(lifecycle, 10))
}

// label is an account or a segment that a customer is in. Segments have means, accounts have none.
type label struct {
	hash    idHash
	segment bool
}

// labelsOf answers the labels of a profile in the order of their hashes; none for no profile.
func (s *secret) labelsOf(tenant string, profile *cmiv1.Customer) []label {
	var labels []label
	if account := profile.GetAccountId(); account != "" {
		labels = append(labels, label{hash: s.accountLabel(tenant, account)})
	}
	for key, value := range profile.GetSegments() {
		labels = append(labels, label{hash: s.segmentLabel(tenant, key, value), segment: true})
	}
	slices.SortFunc(labels, func(a, b label) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	return labels
}

// without answers the labels that are not among others.
func without(labels, others []label) []label {
	return slices.DeleteFunc(slices.Clone(labels), func(l label) bool { return slices.Contains(others, l) })
}
