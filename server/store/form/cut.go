package form

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/customer-momentum/cmi/server/store"
)

// CutLabel answers the label that a cut of customers goes by, in the form of slices: that of the account, which has few
// customers, or else of the first segment by its key. It is empty where the cut is of all customers.
func (s *Secret) CutLabel(tenant string, of store.CustomerCut) string {
	var label Hash
	switch {
	case of.AccountID != "":
		label = s.AccountLabel(tenant, of.AccountID)
	case len(of.Segments) > 0:
		first := slices.MinFunc(of.Segments, func(a, b store.Segment) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value)) })
		label = s.SegmentLabel(tenant, first.Key, first.Value)
	default:
		return ""
	}
	return hex.EncodeToString(label[:])
}

// ParseLabel reads the label of a slice.
func ParseLabel(text string) (label Hash, err error) {
	bytes, err := hex.DecodeString(text)
	if err != nil || len(bytes) != len(label) {
		return label, fmt.Errorf("%w: the label of a slice has %d digits and is none of this store", store.ErrUnavailable, len(text))
	}
	return Hash(bytes), nil
}
