package scores

import (
	"encoding/hex"
	"math"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func number(item string, x float64) *cmiv1.Answer {
	return &cmiv1.Answer{ItemId: item, Value: &cmiv1.Answer_Number{Number: x}}
}

func choices(item string, values ...string) *cmiv1.Answer {
	return &cmiv1.Answer{ItemId: item, Value: &cmiv1.Answer_Choices{Choices: &cmiv1.Choices{Values: values}}}
}

// whole is a response with something in every field.
func whole() *cmiv1.Response {
	return &cmiv1.Response{
		ResponseId: "r1", CustomerId: "c1", Channel: cmiv1.Channel_CHANNEL_ONLINE,
		SubmittedAt: timestamppb.New(time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)),
		Behaviour:   &cmiv1.Behaviour{Rate: proto.Float64(2), DaysSince: proto.Float64(0)},
		Answers: []*cmiv1.Answer{
			number("a", 5), choices("b", "x", "y"),
			{ItemId: "c", Value: &cmiv1.Answer_Choice{Choice: "x"}},
			{ItemId: "d", Value: &cmiv1.Answer_Yes{Yes: true}},
			{ItemId: "e", Value: &cmiv1.Answer_Text{Text: "why"}, Topics: []string{"price", "staff"}},
			{ItemId: "f", Value: &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_DECLINED}},
		},
	}
}

func TestSameContentHashesTheSame(t *testing.T) {
	t.Parallel()
	want := content("q", 0, whole())
	for name, change := range map[string]func(*cmiv1.Response){
		"nothing":             func(*cmiv1.Response) {},
		"order of answers":    func(r *cmiv1.Response) { r.Answers[0], r.Answers[5] = r.Answers[5], r.Answers[0] },
		"order of choices":    func(r *cmiv1.Response) { r.Answers[1] = choices("b", "y", "x") },
		"part of microsecond": func(r *cmiv1.Response) { r.SubmittedAt.Nanos += 999 },
		"sign of zero":        func(r *cmiv1.Response) { r.Behaviour.DaysSince = proto.Float64(math.Copysign(0, -1)) },
	} {
		r := whole()
		change(r)
		if content("q", 0, r) != want {
			t.Errorf("%s changed the hash", name)
		}
	}
}

func TestOtherContentHashesDifferently(t *testing.T) {
	t.Parallel()
	seen := map[[32]byte]string{
		content("q", 0, whole()):  "the response itself",
		content("q", 1, whole()):  "version 1",
		content("q2", 0, whole()): "questionnaire q2",
	}
	for name, change := range map[string]func(*cmiv1.Response){
		"response id":        func(r *cmiv1.Response) { r.ResponseId = "r2" },
		"customer":           func(r *cmiv1.Response) { r.CustomerId = "c2" },
		"ids run together":   func(r *cmiv1.Response) { r.ResponseId, r.CustomerId = "r1c", "1" },
		"channel":            func(r *cmiv1.Response) { r.Channel = cmiv1.Channel_CHANNEL_MOBILE_APP },
		"time":               func(r *cmiv1.Response) { r.SubmittedAt.Nanos += 1000 },
		"no time":            func(r *cmiv1.Response) { r.SubmittedAt = nil },
		"no behaviour":       func(r *cmiv1.Response) { r.Behaviour = nil },
		"a measure left out": func(r *cmiv1.Response) { r.Behaviour.DaysSince = nil },
		"another measure":    func(r *cmiv1.Response) { r.Behaviour.Diversity, r.Behaviour.DaysSince = r.Behaviour.DaysSince, nil },
		"a number":           func(r *cmiv1.Response) { r.Answers[0] = number("a", math.Nextafter(5, 6)) },
		"an item":            func(r *cmiv1.Response) { r.Answers[0].ItemId = "a2" },
		"an answer left out": func(r *cmiv1.Response) { r.Answers = r.Answers[1:] },
		"no answers":         func(r *cmiv1.Response) { r.Answers = nil },
		"a choice less":      func(r *cmiv1.Response) { r.Answers[1] = choices("b", "x") },
		"a choice as text":   func(r *cmiv1.Response) { r.Answers[2].Value = &cmiv1.Answer_Text{Text: "x"} },
		"no":                 func(r *cmiv1.Response) { r.Answers[3].Value = &cmiv1.Answer_Yes{} },
		"a text":             func(r *cmiv1.Response) { r.Answers[4].Value = &cmiv1.Answer_Text{Text: "why not"} },
		"order of topics":    func(r *cmiv1.Response) { r.Answers[4].Topics = []string{"staff", "price"} },
		"another non-answer": func(r *cmiv1.Response) {
			r.Answers[5].Value = &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer_NO_ANSWER_DONT_KNOW}
		},
		"an answer to value":  func(r *cmiv1.Response) { r.Answers[5].Value = nil },
		"a topic for another": func(r *cmiv1.Response) { r.Answers[4].Topics = []string{"price", "staff", ""} },
	} {
		r := whole()
		change(r)
		hash := content("q", 0, r)
		if other, ok := seen[hash]; ok {
			t.Errorf("%q hashes like %q", name, other)
		}
		seen[hash] = name
	}
}

// The form is a promise to what is on disk: it may only change with its version.
func TestContentFormIsPinned(t *testing.T) {
	t.Parallel()
	// sha256 of, by hand: "cmi content 1" after its length, 13, as zigzag 0x1a; "q" (0x02 'q'); version 0; "r" (0x02 'r');
	// "" ; channel 0; no time; no behaviour; 1 answer (0x02): "a" (0x02 'a'), 'n', 1.0 as 3ff0000000000000, 0 topics.
	//   printf '\x1acmi content 1\x02q\x00\x02r\x00\x00\x00\x00\x02\x02an\x3f\xf0\x00\x00\x00\x00\x00\x00\x00' | sha256sum
	const want = "c20a7ad24efc08e0088c1dd3c1bff5bf25f5791d8269c2285e2917b650e117cc"
	got := content("q", 0, &cmiv1.Response{ResponseId: "r", Answers: []*cmiv1.Answer{number("a", 1)}})
	if got := hex.EncodeToString(got[:]); got != want {
		t.Errorf("the canonical form hashes to %s, want %s", got, want)
	}
}
