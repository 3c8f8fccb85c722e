package sqlite

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// sample makes the entry of an id: of an ordinary size, and the same each time it is made.
func sample(id string) store.Entry {
	sum := sha256.Sum256([]byte(id))
	n := binary.LittleEndian.Uint64(sum[:])
	when := timestamppb.New(time.UnixMicro(1_770_000_000_000_000 + int64(n%1e12)))
	customer := fmt.Sprintf("customer-%d", n%100_000)
	response := &cmiv1.Response{ResponseId: id, CustomerId: customer, SubmittedAt: when}
	for i := range 12 {
		response.Answers = append(response.Answers, &cmiv1.Answer{
			ItemId: fmt.Sprintf("item-%d", i), Value: &cmiv1.Answer_Number{Number: float64(sum[i] % 11)},
		})
	}
	cmi := float64(n%10_000) / 100
	score := &cmiv1.Score{
		ResponseId: id, CustomerId: customer, QuestionnaireId: "onboarding", QuestionnaireVersion: 1, Series: "onboarding",
		Status: cmiv1.ScoreStatus_SCORE_STATUS_SCORED, Cmi: proto.Float64(cmi), DisplayScore: proto.Int32(int32(cmi)),
		Bucket: cmiv1.Bucket(1 + n%3), SubmittedAt: when, ScoredAt: when,
	}
	for pillar := range cmiv1.Pillar(3) {
		score.Pillars = append(score.Pillars, &cmiv1.PillarScore{
			Pillar: pillar + 1, Score: proto.Float64(cmi / 3), Coverage: proto.Float64(1),
			Facets: []*cmiv1.FacetScore{{Facet: strings.Repeat("f", 8), Score: proto.Float64(cmi / 7), Coverage: proto.Float64(0.5)}},
		})
	}
	return store.Entry{Response: response, Score: score, Content: sum}
}
