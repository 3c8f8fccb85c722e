package fastjson_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/gateway/fastjson"
)

// fill sets fields at random, deeper and deeper. It goes by the descriptors, so that a field that the contract gains is
// filled too, and found missing.
func fill(random *rand.Rand, m protoreflect.Message, depth int, all bool) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if !all && random.IntN(3) == 0 || field.ContainingOneof() != nil && !field.HasOptionalKeyword() && m.WhichOneof(field.ContainingOneof()) != nil && random.IntN(2) == 0 {
			continue
		}
		switch {
		case field.IsMap():
			continue
		case field.Message() != nil && depth == 0:
			continue
		case field.IsList():
			list := m.Mutable(field).List()
			for range random.IntN(4) {
				if field.Message() == nil {
					list.Append(scalar(random, field))
					continue
				}
				element := list.NewElement()
				fill(random, element.Message(), depth-1, all)
				list.Append(element)
			}
		case field.Message() != nil && field.Message().FullName() == "google.protobuf.Timestamp":
			nanos := [...]int32{0, 500_000_000, 123_000, 123_456_789, 999_999_999}[random.IntN(5)]
			m.Set(field, protoreflect.ValueOfMessage((&timestamppb.Timestamp{Seconds: random.Int64N(4e9), Nanos: nanos}).ProtoReflect()))
		case field.Message() != nil && field.Message().FullName() == "google.rpc.Status":
			fields := field.Message().Fields()
			st := m.Mutable(field).Message()
			st.Set(fields.ByName("code"), protoreflect.ValueOfInt32(3))
			st.Set(fields.ByName("message"), protoreflect.ValueOfString("a \"sentence\""))
		case field.Message() != nil:
			fill(random, m.Mutable(field).Message(), depth-1, all)
		default:
			m.Set(field, scalar(random, field))
		}
	}
}

func scalar(random *rand.Rand, field protoreflect.FieldDescriptor) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(random.IntN(2) == 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(random.IntN(field.Enum().Values().Len())))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32([...]int32{0, 1, -1, 7, 999_999_999, math.MaxInt32, math.MinInt32}[random.IntN(7)])
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64([...]float64{0, 1, -1, 70.123456789, 1e-7, 1e21, 123456789012345678, math.Copysign(0, -1), 1e-6, math.MaxFloat64, random.Float64() * 100}[random.IntN(11)])
	default:
		return protoreflect.ValueOfString([...]string{"", "a", "builtin-new-online", "größer", "日本", "r-1.2_3", "x\u007f"}[random.IntN(7)])
	}
}

func same(t *testing.T, ours, theirs []byte) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(ours, &a); err != nil {
		t.Fatalf("%s: %v", ours, err)
	}
	if err := json.Unmarshal(theirs, &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("wrote\n%s\nfor\n%s", ours, theirs)
	}
}

// TestAppend writes random messages, and ones with every field of the contract set, and compares with protojson.
func TestAppend(t *testing.T) {
	t.Parallel()
	wrote := 0
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 0))
		for _, m := range []proto.Message{&cmiv1.ScoreCustomerResponse{}, &cmiv1.BatchScoreCustomersResponse{}, &cmiv1.StreamScoresResponse{}} {
			fill(random, m.ProtoReflect(), 6, seed%2 == 0)
			theirs, err := protojson.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			ours, ok := fastjson.Append([]byte("x"), m)
			if !ok {
				continue
			}
			wrote++
			same(t, ours[1:], theirs)
		}
	}
	if wrote < 2000 {
		t.Errorf("only %d of 3000 messages were written", wrote)
	}
}

func TestAppendLeavesTheRestToOthers(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, score := range []*cmiv1.Score{
		{ResponseId: `"`}, {ResponseId: "\n"}, {ResponseId: "\xff"}, {Cmi: &nan}, {Status: 99}, {ScoredAt: &timestamppb.Timestamp{Nanos: -1}},
	} {
		if out, ok := fastjson.Append(nil, &cmiv1.ScoreCustomerResponse{Score: score}); ok {
			t.Errorf("%v was written: %s", score, out)
		}
	}
	if _, ok := fastjson.Append(nil, &cmiv1.GetScoreRequest{}); ok {
		t.Error("a message of another kind was written")
	}
}

// TestUnmarshal reads what protojson writes.
func TestUnmarshal(t *testing.T) {
	t.Parallel()
	read := 0
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 0))
		for _, m := range []proto.Message{&cmiv1.ScoreCustomerRequest{}, &cmiv1.BatchScoreCustomersRequest{}, &cmiv1.StreamScoresRequest{}} {
			fill(random, m.ProtoReflect(), 6, false)
			data, err := protojson.MarshalOptions{Multiline: seed%2 == 0}.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if compare(t, data, m) {
				read++
			}
		}
	}
	if read < 400 {
		t.Errorf("only %d of 3000 messages were read", read)
	}
}

// compare reads data both ways: what is accepted must be accepted by protojson, and mean the same.
func compare(t *testing.T, data []byte, like proto.Message) bool {
	t.Helper()
	ours := like.ProtoReflect().New().Interface()
	if !fastjson.Unmarshal(data, ours) {
		return false
	}
	theirs := like.ProtoReflect().New().Interface()
	if err := protojson.Unmarshal(data, theirs); err != nil {
		t.Fatalf("accepted %q, which protojson refuses: %v", data, err)
	}
	a, err := proto.MarshalOptions{Deterministic: true}.Marshal(ours)
	if err != nil {
		t.Fatal(err)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Fatalf("%q: read %v, not %v", data, ours, theirs)
	}
	return true
}

func TestUsualRequestsAreRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"questionnaireId":"q","version":3,"dryRun":true,"explain":false,"response":{"responseId":"r","customerId":"c","channel":"CHANNEL_ONLINE",` +
			`"submittedAt":"2026-01-31T09:30:00.5Z","answers":[{"itemId":"a","number":7},{"itemId":"b","number":-7.25e-1},{"itemId":"c","choice":"x"},` +
			`{"itemId":"d","choices":{"values":["x","y"]}},{"itemId":"e","yes":false},{"itemId":"f","text":"schön","topics":["t"]},` +
			`{"itemId":"g","noAnswer":"NO_ANSWER_DECLINED"},{"number":0},{"number":-0},{"number":0.1},{"number":100},{"number":1},{"number":123456789012345678}]}}`,
		"{}", " { } ", `{"response":{"answers":[]}}`, `{"response":{}}`,
	} {
		if !compare(t, []byte(text), &cmiv1.ScoreCustomerRequest{}) {
			t.Errorf("%s was not read", text)
		}
	}
}

func seeds(f *testing.F) {
	for _, text := range []string{
		`{"questionnaireId":"q","response":{"answers":[{"itemId":"a","number":7.5e1,"topics":["x"]},{"yes":true}],"submittedAt":"2026-01-31T09:30:00Z"}}`,
		`{"chunk":{"sequence":-1,"responses":[{"responseId":"r"}]}}`, `{"config":{"version":01}}`, `{"config":{},"chunk":{}}`, `{"config":null}`,
		`{"version":- 1}`, `{"version":1,"version":1}`, `{"version":1.0}`, `{"response":{"submittedAt":"2026-01-31T09:30:00,5Z"}}`, `{"a":1}`, `{}{}`, `{"dryRun":truex}`,
		"{\"questionnaireId\":\"\xff\"}", `{"version":1e2,}`, `{"response":{"channel":"CHANNEL_ONLINE"}}`, `{"response":{"answers":[{"number":1E400}]}}`,
	} {
		f.Add([]byte(text))
	}
}

// FuzzUnmarshal proves that nothing is accepted that protojson refuses, or understood otherwise.
func FuzzUnmarshal(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		compare(t, data, &cmiv1.ScoreCustomerRequest{})
		compare(t, data, &cmiv1.BatchScoreCustomersRequest{})
		compare(t, data, &cmiv1.StreamScoresRequest{})
	})
}
