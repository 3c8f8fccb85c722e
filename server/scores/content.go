package scores

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// contentVersion names the canonical form below. A change of the form takes the next number, and the old form stays to be
// compared with what was recorded under it.
const contentVersion = "cmi content 1"

// content hashes what the client sent, so that a repeated response id can be told from a reused one. It writes a form of
// our own and not serialised protobuf, which is not canonical: fields in a fixed order, strings with their lengths, numbers
// as IEEE 754 bits (one zero, not two), answers by item id and chosen options by value, whatever order they came in.
func content(questionnaireID string, version int32, r *cmiv1.Response) store.ContentHash {
	w := canonical(make([]byte, 0, 1024))
	w.text(contentVersion)
	w.text(questionnaireID)
	w.integer(int64(version))
	w.text(r.GetResponseId())
	w.text(r.GetCustomerId())
	w.integer(int64(r.GetChannel()))
	if at := r.GetSubmittedAt(); w.has(at != nil) {
		w.integer(at.AsTime().UnixMicro())
	}
	if b := r.GetBehaviour(); w.has(b != nil) {
		w.optional(b.Rate)
		w.optional(b.Diversity)
		w.optional(b.DaysSince)
	}
	w.answers(r.GetAnswers())
	return sha256.Sum256(w)
}

// canonical is the form under way.
type canonical []byte

func (w *canonical) integer(n int64) { *w = binary.AppendVarint(*w, n) }

func (w *canonical) text(s string) {
	w.integer(int64(len(s)))
	*w = append(*w, s...)
}

func (w *canonical) number(x float64) {
	if x == 0 {
		x = 0 // -0 and 0 are one answer
	}
	*w = binary.BigEndian.AppendUint64(*w, math.Float64bits(x))
}

// has writes whether something is there, and answers it.
func (w *canonical) has(there bool) bool {
	if there {
		*w = append(*w, 1)
	} else {
		*w = append(*w, 0)
	}
	return there
}

func (w *canonical) optional(x *float64) {
	if w.has(x != nil) {
		w.number(*x)
	}
}

func (w *canonical) texts(all []string) {
	w.integer(int64(len(all)))
	for _, s := range all {
		w.text(s)
	}
}

func (w *canonical) answers(answers []*cmiv1.Answer) {
	byItem := func(a, b *cmiv1.Answer) int { return cmp.Compare(a.GetItemId(), b.GetItemId()) }
	if !slices.IsSortedFunc(answers, byItem) {
		answers = slices.Clone(answers)
		slices.SortFunc(answers, byItem)
	}
	w.integer(int64(len(answers)))
	for _, a := range answers {
		w.text(a.GetItemId())
		w.value(a)
		w.texts(a.GetTopics())
	}
}

// value writes the kind of an answer, then the answer.
func (w *canonical) value(a *cmiv1.Answer) {
	switch v := a.GetValue().(type) {
	case *cmiv1.Answer_Number:
		*w = append(*w, 'n')
		w.number(v.Number)
	case *cmiv1.Answer_Choice:
		*w = append(*w, 'c')
		w.text(v.Choice)
	case *cmiv1.Answer_Choices:
		*w = append(*w, 'm')
		chosen := slices.Clone(v.Choices.GetValues())
		slices.Sort(chosen)
		w.texts(chosen)
	case *cmiv1.Answer_Yes:
		*w = append(*w, 'y')
		w.has(v.Yes)
	case *cmiv1.Answer_Text:
		*w = append(*w, 't')
		w.text(v.Text)
	case *cmiv1.Answer_NoAnswer:
		*w = append(*w, '-')
		w.integer(int64(v.NoAnswer))
	}
}
