package questionnaire

import (
	"errors"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// small is a questionnaire with one item, to hang a case on.
const small = "questionnaireId: q\nitems:\n  - itemId: a\n"

func TestReadTypesByTheContract(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text, want string
	}{
		{"text that YAML takes for a number", "title: 1.10\n", `title: "1.10"`},
		{"text that YAML takes for a boolean", "title: true\n", `title: "true"`},
		{"text that older YAML takes for a boolean", "title: no\n", `title: "no"`},
		{"text that looks like a date", "title: 2026-11-01\n", `title: "2026-11-01"`},
		{"hexadecimal stays text", "title: 0x1F\n", `title: "0x1F"`},
		{"options called yes, no, on", small + "    choice:\n      options: [{value: yes, points: 100}, {value: no, points: 0}, {value: on, points: 5}]\n",
			`questionnaire_id: "q" items { item_id: "a" choice { options { value: "yes" points: 100 } options { value: "no" points: 0 } options { value: "on" points: 5 } } }`},
		{"the language no is Norwegian", small + "    translations: {no: Hei, 'de': Hallo}\n",
			`questionnaire_id: "q" items { item_id: "a" translations { key: "no" value: "Hei" } translations { key: "de" value: "Hallo" } }`},
		{"snake case", "questionnaire_id: q\nmin_pillar_coverage: 0.5\n", `questionnaire_id: "q" min_pillar_coverage: 0.5`},
		{"a folded block", "description: >\n  one\n  two\n", `description: "one two\n"`},
		{"a kept block", "description: |-\n  one\n  two\n", `description: "one\ntwo"`},
		{"explicit zero and false", "allowPartial: false\nitems: [{itemId: a, weight: 0, reversed: true}]\n",
			`allow_partial: false items { item_id: "a" weight: 0 reversed: true }`},
		{"enums by name", "audience: AUDIENCE_NEW\nchannels: [CHANNEL_ONLINE, CHANNEL_MOBILE_APP]\n", `audience: AUDIENCE_NEW channels: [CHANNEL_ONLINE, CHANNEL_MOBILE_APP]`},
		{"numbers", "thresholds: {growth: 4.5e1, advocate: +80}\n", `thresholds { growth: 45 advocate: 80 }`},
		{"numbers in quotes, as JSON of protobuf allows", "thresholds: {growth: '45'}\n", `thresholds { growth: 45 }`},
		{"times", "createdAt: 2026-11-01T00:00:00Z\n", `created_at { seconds: 1793491200 }`},
		{"null says nothing", "title: null\ncategory: ~\nseries:\nthresholds: null\n", ``},
		{"an empty scale", small + "    text: {}\n", `questionnaire_id: "q" items { item_id: "a" text {} }`},
		{"Windows line ends and a byte order mark", "\ufefftitle: a\r\ncategory: b\r\n", `title: "a" category: "b"`},
		{"comments and a document mark", "# hello\n---\ntitle: a # b\n", `title: "a"`},
		{"JSON", `{"title": "no", "items": [{"itemId": "a", "rating": {"min": 1, "max": 1e1}}]}`, `title: "no" items { item_id: "a" rating { min: 1 max: 10 } }`},
		{"a surrogate pair in JSON", `{"title": "\ud83d\ude00"}`, `title: "😀"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read("file", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			want := &cmiv1.Questionnaire{}
			if err := prototext.Unmarshal([]byte(c.want), want); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(got, want) {
				t.Errorf("read\n%v\nwant\n%v", got, want)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, file, text string
		want             []string
	}{
		{"an unknown field", "q.yaml", "title: a\ntitel: b\n", []string{"q.yaml:2: titel:", "did you mean title?"}},
		{"an unknown field of an item", "q.yaml", small + "    promt: b\n", []string{"q.yaml:4: items[0].promt:", "did you mean prompt?"}},
		{"several at once", "q.yaml", "a: 1\nb: 2\n", []string{"q.yaml:1: a:", "q.yaml:2: b:"}},
		{"a key twice", "q.yaml", "title: a\ntitle: b\n", []string{"q.yaml:2:", "title"}},
		{"a key twice in JSON", "q.json", "{\"title\": \"a\",\n\"title\": \"b\"}", []string{"q.json:2: title:", "twice, first on line 1"}},
		{"a field by both of its names", "q.yaml", "questionnaireId: a\nquestionnaire_id: b\n", []string{"q.yaml:2: questionnaireId:", "twice"}},
		{"text for a number", "q.yaml", small + "    rating: {min: one, max: 5}\n", []string{"q.yaml:4: items[0].rating.min:", "must be a number", "one"}},
		{"a number beyond a double", "q.yaml", "divergenceThreshold: 1e999\n", []string{"divergenceThreshold:", "must be a number"}},
		{"an octal number", "q.yaml", "divergenceThreshold: 0o17\n", []string{"must be a number"}},
		{"yes for true", "q.yaml", small + "    required: yes\n", []string{"items[0].required:", "must be true or false"}},
		{"true in quotes", "q.yaml", small + "    required: 'true'\n", []string{"must be true or false"}},
		{"a part of a whole number", "q.yaml", small + "    multipleChoice: {target: 1.5}\n", []string{"items[0].multipleChoice.target:", "whole number"}},
		{"an enum that there is not", "q.yaml", "audience: new\n", []string{"audience:", "AUDIENCE_NEW, AUDIENCE_ACTIVE, AUDIENCE_INACTIVE"}},
		{"two scales", "q.yaml", small + "    text: {}\n    yesNo: {}\n", []string{"q.yaml:5: items[0].yesNo:", "exactly one scale", "text stands on line 4"}},
		{"a scale without braces", "q.yaml", small + "    text:\n", []string{"q.yaml:4: items[0].text:", "text: {}"}},
		{"a scale with a field too many", "q.yaml", small + "    yesNo: {a: 1}\n", []string{"items[0].yesNo.a:", "has no fields"}},
		{"a set for text", "q.yaml", "title: {a: 1}\n", []string{"title:", "must be text", "a set of fields"}},
		{"a number for text in JSON", "q.json", `{"title": 5}`, []string{"title:", "must be text; this is 5"}},
		{"text for a list", "q.yaml", "items: a\n", []string{"items:", "must be a list"}},
		{"nothing in a list", "q.yaml", "items:\n  -\n", []string{"items[0]:", "no value"}},
		{"text for an item", "q.yaml", "items: [a]\n", []string{"items[0]:", "an item must be a set of fields"}},
		{"a list for translations", "q.yaml", small + "    translations: [a]\n", []string{"items[0].translations:", "key: text"}},
		{"a time that is none", "q.yaml", "createdAt: yesterday\n", []string{"createdAt:", "2026-11-01T00:00:00Z"}},
		{"a list at the top", "q.yaml", "- a\n", []string{"a questionnaire must be a set of fields"}},
		{"nothing at all", "q.yaml", "\n# only a comment\n", []string{"the file is empty"}},
		{"two documents", "q.yaml", "title: a\n---\ntitle: b\n", []string{"q.yaml:3:", "a file holds one questionnaire"}},
		{"two documents with a mark each", "q.yaml", "---\ntitle: a\n---\ntitle: b\n", []string{"q.yaml:3:", "a file holds one questionnaire"}},
		{"an anchor", "q.yaml", "title: &a b\n", []string{"q.yaml:1:", "anchors"}},
		{"an alias", "q.yaml", "title: *a\n", []string{"anchors"}},
		{"a merge key", "q.yaml", "<<: {title: a}\n", []string{"merge keys"}},
		{"a tag", "q.yaml", "title: !!str 5\n", []string{"tags"}},
		{"a directive", "q.yaml", "%YAML 1.1\n---\ntitle: a\n", []string{"directives"}},
		{"a key with a question mark", "q.yaml", "? title\n: a\n", []string{"question mark"}},
		{"broken YAML", "q.yaml", "title: a\n  b: c: d\n", []string{"q.yaml:", "not YAML"}},
		{"broken JSON", "q.json", "{\n\"title\": }", []string{"q.json:2:", "not JSON"}},
		{"JSON that ends too early", "q.json", "{\"items\": [\n", []string{"q.json:2:", "ends too early"}},
		{"JSON with something behind it", "q.json", "{}\n{}", []string{"q.json:2:", "a file holds one"}},
		{"half of a surrogate pair", "q.json", `{"title": "\ud83d"}`, []string{"title", "surrogate"}},
		{"not UTF-8", "q.yaml", "a: b\ntitle: \xff\n", []string{"q.yaml:2:", "not UTF-8"}},
		{"a file too large", "q.yaml", strings.Repeat("#\n", maxBytes), []string{"at most 1048576"}},
		{"brackets without end", "q.yaml", strings.Repeat("[", 1<<17), []string{"nested more than 16 deep"}},
		{"hyphens without end", "q.yaml", strings.Repeat("- ", 1<<17), []string{"nested more than 16 deep"}},
		{"steps without end", "q.yaml", steps(500), []string{"q.yaml:17:", "nested more than 16 deep"}},
		{"a key without end", "q.yaml", strings.Repeat("k", 1<<19) + ": [1, 1]\n", []string{"a key of 524288 bytes"}},
		{"a key without end in JSON", "q.json", `{"` + strings.Repeat("k", 1<<19) + `": 1}`, []string{"a key of 524288 bytes"}},
		{"commas without end", "q.yaml", "a: [" + strings.Repeat("1,", 1<<18) + "1]\n", []string{"at most 200000"}},
		{"braces without end in JSON", "q.json", strings.Repeat(`{"a":`, 1<<16), []string{"nested more than 16 deep"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(c.file, []byte(c.text))
			if err == nil {
				t.Fatal("read without an error")
			}
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("the error is a %T", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%v", want, err)
				}
			}
		})
	}
}

// steps nests n keys, each one column further right.
func steps(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestReadListsABoundedNumberOfProblems(t *testing.T) {
	t.Parallel()
	_, err := Read("q.yaml", []byte("items:\n"+strings.Repeat("  - a: 1\n", 1000)))
	refused, ok := errors.AsType[*Error](err)
	if !ok || len(refused.Problems) != maxProblems {
		t.Errorf("listed %v", err)
	}
}
