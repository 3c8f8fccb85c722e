package customers

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// etag marks what the company says of a customer: two profiles that say the same have the same mark.
func etag(customer *cmiv1.Customer) string {
	sum := sha256.Sum256(said(customer))
	return hex.EncodeToString(sum[:8])
}

// said writes what the company says of a customer in a form of our own, whose bytes do not change from build to build as
// those of serialised messages may: fields in a fixed order, texts with their lengths, segments by key.
func said(customer *cmiv1.Customer) []byte {
	w := form(make([]byte, 0, 256))
	w.text(customer.GetCustomerId())
	w.text(customer.GetAccountId())
	w.integer(int64(len(customer.GetSegments())))
	for _, key := range slices.Sorted(maps.Keys(customer.GetSegments())) {
		w.text(key)
		w.text(customer.GetSegments()[key])
	}
	w.time(customer.GetFirstSeenAt())
	w.time(customer.GetClosedAt())
	spend := customer.GetSpend()
	if w.has(spend != nil) {
		if w.has(spend.Amount != nil) {
			w = binary.BigEndian.AppendUint64(w, math.Float64bits(spend.GetAmount()))
		}
		w.text(spend.GetCurrency())
		w.integer(int64(spend.GetPeriod()))
	}
	w.integer(int64(customer.GetLifecycleOverride()))
	return w
}

type form []byte

func (w *form) integer(n int64) { *w = binary.AppendVarint(*w, n) }

func (w *form) text(s string) {
	w.integer(int64(len(s)))
	*w = append(*w, s...)
}

// has writes whether something is there, and answers it.
func (w *form) has(there bool) bool {
	if there {
		*w = append(*w, 1)
	} else {
		*w = append(*w, 0)
	}
	return there
}

func (w *form) time(at *timestamppb.Timestamp) {
	if w.has(at != nil) {
		w.integer(at.AsTime().UnixMicro())
	}
}
