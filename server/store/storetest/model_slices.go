package storetest

import (
	"cmp"
	"context"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// modelClass is what the responses of one slice have in common. Its number is its place in the list, from 1.
type modelClass struct {
	tenant, questionnaire string
	status                cmiv1.ScoreStatus
	bucket                cmiv1.Bucket
}

func (m *model) class(c modelClass) int64 {
	if !slices.Contains(m.classes, c) {
		m.classes = append(m.classes, c)
	}
	return int64(slices.Index(m.classes, c)) + 1
}

func (m *model) classOf(tenant string, r *modelResponse) int64 {
	return m.class(modelClass{tenant, r.score.GetQuestionnaireId(), r.score.GetStatus(), r.score.GetBucket()})
}

func (m *model) CutResponses(ctx context.Context, tenant string, of store.ResponseCut, size int) ([]store.ResponseSlice, error) {
	return asked(ctx, m, func() ([]store.ResponseSlice, error) {
		all := map[int64][]*modelResponse{}
		f := store.ResponseFilter{QuestionnaireID: of.QuestionnaireID, From: of.From, Before: of.Before, IncludeVoid: true}
		for _, r := range m.tenant(tenant).responses {
			if r.score.GetQuestionnaireId() == of.QuestionnaireID && matches(store.Entry{Score: r.score}, f) {
				class := m.classOf(tenant, r)
				all[class] = append(all[class], r)
			}
		}
		var cut []store.ResponseSlice
		for class, responses := range all {
			slices.SortFunc(responses, inIndex)
			for part := range slices.Chunk(responses, size) {
				first, last := part[0], part[len(part)-1]
				cut = append(cut, store.ResponseSlice{
					Class: class, FromAt: first.submitted(), FromSeq: first.seq, ToAt: last.submitted(), ToSeq: last.seq,
					Last: m.recorded, N: len(part),
				})
			}
		}
		return cut, nil
	})
}

// inIndex is the order within a class.
func inIndex(a, b *modelResponse) int {
	return cmp.Or(cmp.Compare(a.submitted(), b.submitted()), cmp.Compare(a.seq, b.seq))
}

func (m *model) ResponsesIn(ctx context.Context, tenant string, slice store.ResponseSlice) ([]*store.Kept, error) {
	return asked(ctx, m, func() ([]*store.Kept, error) {
		var in []*store.Kept
		for _, r := range m.tenant(tenant).responses {
			from := cmp.Or(cmp.Compare(slice.FromAt, r.submitted()), cmp.Compare(slice.FromSeq, r.seq))
			to := cmp.Or(cmp.Compare(slice.ToAt, r.submitted()), cmp.Compare(slice.ToSeq, r.seq))
			if m.classOf(tenant, r) == slice.Class && from <= 0 && to >= 0 && r.seq <= slice.Last && r.score.GetVoid() == nil {
				in = append(in, r.kept())
			}
		}
		return in, nil
	})
}
