package scoring_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// The language of testdata/*.test, described in testdata/README.md.

// words splits a line at blanks, outside of quotes and braces.
func words(line string) []string {
	var list []string
	var word strings.Builder
	quoted, braces := false, 0
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quoted && c == '\\' && i+1 < len(line):
			word.WriteByte(c)
			i++
			c = line[i]
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			braces++
		case c == '}':
			braces--
		case c == ' ' && braces == 0:
			if word.Len() > 0 {
				list = append(list, word.String())
				word.Reset()
			}
			continue
		}
		word.WriteByte(c)
	}
	if word.Len() > 0 {
		list = append(list, word.String())
	}
	return list
}

// value reads a number, which may be written as a fraction such as 200/3.
func value(s string) (float64, error) {
	over, under, fraction := strings.Cut(s, "/")
	x, err := strconv.ParseFloat(over, 64)
	if err != nil || !fraction {
		return x, err
	}
	y, err := strconv.ParseFloat(under, 64)
	return x / y, err
}

// settings sets the named numbers that a line gives as key=value; others are refused.
type settings map[string]**float64

func (s settings) set(key, text string) (bool, error) {
	to, ok := s[key]
	if !ok {
		return false, nil
	}
	x, err := value(text)
	*to = &x
	return true, err
}

// readQuestionnaire reads the line after the word questionnaire.
func readQuestionnaire(line string) (*cmiv1.Questionnaire, error) {
	fields := words(line)
	if len(fields) == 0 {
		return nil, fmt.Errorf("a questionnaire needs an id")
	}
	w, t := new(cmiv1.PillarWeights), new(cmiv1.Thresholds)
	q := &cmiv1.Questionnaire{QuestionnaireId: fields[0], PillarWeights: w, Thresholds: t}
	numbers := settings{
		"eci": &w.Eci, "bei": &w.Bei, "fii": &w.Fii, "growth": &t.Growth, "advocate": &t.Advocate,
		"coverage": &q.MinPillarCoverage, "divergence": &q.DivergenceThreshold,
	}
	for _, field := range fields[1:] {
		key, text, _ := strings.Cut(field, "=")
		if ok, err := numbers.set(key, text); err != nil {
			return nil, err
		} else if ok {
			continue
		}
		switch key {
		case "version":
			n, err := strconv.Atoi(text)
			if err != nil {
				return nil, err
			}
			q.Version = int32(n)
		case "series":
			q.Series = text
		case "partial":
			q.AllowPartial = proto.Bool(text == "yes")
		default:
			return nil, fmt.Errorf("unknown setting %q", field)
		}
	}
	return q, nil
}

// readItem reads a line such as "nps FII rating 0..10 step=1 weight=2 required".
func readItem(line string) (*cmiv1.Item, error) {
	fields := words(line)
	if len(fields) < 3 {
		return nil, fmt.Errorf("an item needs an id, a pillar or -, and a scale")
	}
	m := &cmiv1.Item{ItemId: fields[0], Pillar: cmiv1.Pillar(cmiv1.Pillar_value["PILLAR_"+fields[1]])}
	numbers := settings{"weight": &m.Weight, "csat_top": &m.CsatTop}
	rest, err := readScale(m, fields[2], fields[3:], numbers)
	if err != nil {
		return nil, err
	}
	for _, field := range rest {
		key, text, _ := strings.Cut(field, "=")
		if ok, err := numbers.set(key, text); err != nil {
			return nil, err
		} else if ok {
			continue
		}
		switch key {
		case "reversed":
			m.Reversed = true
		case "required":
			m.Required = true
		case "facet":
			m.Facet = text
		case "metric":
			m.Metric = cmiv1.Metric(cmiv1.Metric_value["METRIC_"+text])
		default:
			return nil, fmt.Errorf("unknown setting %q of item %s", field, m.ItemId)
		}
	}
	return m, nil
}

// readScale reads an item's scale and answers the words that are not about it.
func readScale(m *cmiv1.Item, kind string, fields []string, numbers settings) ([]string, error) {
	switch kind {
	case "rating":
		low, high, _ := strings.Cut(fields[0], "..")
		from, err1 := value(low)
		to, err2 := value(high)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("bad range %q", fields[0])
		}
		r := &cmiv1.Rating{Min: from, Max: to}
		numbers["step"] = &r.Step
		m.Scale = &cmiv1.Item_Rating{Rating: r}
		return fields[1:], nil
	case "choice":
		options, rest, err := readOptions(fields)
		m.Scale = &cmiv1.Item_Choice{Choice: &cmiv1.Choice{Options: options}}
		return rest, err
	case "multiple":
		options, rest, err := readOptions(fields)
		if err != nil || len(rest) == 0 {
			return nil, fmt.Errorf("multiple needs a target after its options")
		}
		target, err := strconv.Atoi(strings.TrimPrefix(rest[0], "target="))
		m.Scale = &cmiv1.Item_MultipleChoice{MultipleChoice: &cmiv1.MultipleChoice{Options: options, Target: int32(target)}}
		return rest[1:], err
	case "yes_no":
		m.Scale = &cmiv1.Item_YesNo{YesNo: &cmiv1.YesNo{}}
	case "count":
		saturation, err := value(strings.TrimPrefix(fields[0], "saturation="))
		m.Scale = &cmiv1.Item_Count{Count: &cmiv1.Count{Saturation: saturation}}
		return fields[1:], err
	case "frequency", "diversity", "recency":
		b := &cmiv1.BehaviourScale{Kinds: []string{"login", "purchase"}}
		b.Measure = cmiv1.BehaviourMeasure(cmiv1.BehaviourMeasure_value["BEHAVIOUR_MEASURE_"+strings.ToUpper(kind)])
		numbers["saturation"], numbers["half_life"], numbers["window"] = &b.Saturation, &b.HalfLifeDays, &b.WindowDays
		if len(fields) > 0 && strings.HasPrefix(fields[0], "kinds=") {
			b.Kinds, fields = strings.Split(fields[0][len("kinds="):], ","), fields[1:]
		}
		m.Scale = &cmiv1.Item_Behaviour{Behaviour: b}
	case "text":
		m.Scale = &cmiv1.Item_Text{Text: &cmiv1.Text{}}
	default:
		return nil, fmt.Errorf("unknown scale %q", kind)
	}
	return fields, nil
}

// readOptions reads words such as "low:0" or "low:" (without points).
func readOptions(fields []string) (list []*cmiv1.Option, rest []string, err error) {
	for k, field := range fields {
		name, points, option := strings.Cut(field, ":")
		if !option {
			return list, fields[k:], nil
		}
		o := &cmiv1.Option{Value: name}
		if points != "" {
			x, err := value(points)
			if err != nil {
				return nil, nil, err
			}
			o.Points = &x
		}
		list = append(list, o)
	}
	return list, nil, nil
}

// readResponse reads the line after the word score: answers as item=value, and the response's own fields with an @.
func readResponse(line string) (*cmiv1.Response, error) {
	return readFields(words(line))
}

// readFields reads the words of a response.
func readFields(fields []string) (*cmiv1.Response, error) {
	r := new(cmiv1.Response)
	for _, field := range fields {
		key, text, ok := strings.Cut(field, "=")
		if !ok {
			return nil, fmt.Errorf("%q is no item=value", field)
		}
		if strings.HasPrefix(key, "@") {
			if err := readField(r, key[1:], text); err != nil {
				return nil, err
			}
			continue
		}
		a := &cmiv1.Answer{ItemId: key}
		if err := readValue(a, text); err != nil {
			return nil, err
		}
		r.Answers = append(r.Answers, a)
	}
	return r, nil
}

// readValue tells the kind of a value by how it is written.
func readValue(a *cmiv1.Answer, text string) error {
	no := map[string]cmiv1.NoAnswer{"NA": 1, "DK": 2, "DECLINED": 3}
	x, err := value(text)
	switch {
	case text == "":
	case err == nil:
		a.Value = &cmiv1.Answer_Number{Number: x}
	case text == "yes" || text == "no":
		a.Value = &cmiv1.Answer_Yes{Yes: text == "yes"}
	case no[text] != 0:
		a.Value = &cmiv1.Answer_NoAnswer{NoAnswer: no[text]}
	case text[0] == '{':
		set := new(cmiv1.Choices)
		for v := range strings.SplitSeq(strings.Trim(text, "{}"), ",") {
			if v != "" {
				set.Values = append(set.Values, v)
			}
		}
		a.Value = &cmiv1.Answer_Choices{Choices: set}
	case text[0] == '"':
		said, topics, _ := strings.Cut(text, "#")
		s, err := strconv.Unquote(said)
		if err != nil {
			return err
		}
		a.Value = &cmiv1.Answer_Text{Text: s}
		if topics != "" {
			a.Topics = strings.Split(topics, "#")
		}
	default:
		a.Value = &cmiv1.Answer_Choice{Choice: strings.TrimPrefix(text, ":")}
	}
	return nil
}

// readField reads one of the response's own fields.
func readField(r *cmiv1.Response, key, text string) error {
	switch key {
	case "response_id":
		r.ResponseId = text
	case "customer_id":
		r.CustomerId = text
	case "channel":
		n, err := strconv.Atoi(text)
		r.Channel = cmiv1.Channel(n)
		return err
	case "submitted_at":
		t, err := time.Parse(time.RFC3339Nano, text)
		r.SubmittedAt = timestamppb.New(t)
		return err
	default:
		if r.Behaviour == nil {
			r.Behaviour = new(cmiv1.Behaviour)
		}
		b := r.Behaviour
		ok, err := settings{"rate": &b.Rate, "diversity": &b.Diversity, "days_since": &b.DaysSince}.set(key, text)
		if !ok {
			return fmt.Errorf("unknown field @%s", key)
		}
		return err
	}
	return nil
}

// patch sets a path such as items[0].rating.max of a JSON object; a nil value takes the field away.
func patch(in any, path string, to any) (any, error) {
	if path == "" {
		return to, nil
	}
	if path[0] == '[' {
		list, _ := in.([]any)
		number, rest, _ := strings.Cut(path[1:], "]")
		k, err := strconv.Atoi(number)
		if err != nil || k > len(list) {
			return nil, fmt.Errorf("no element %q", path)
		}
		if k == len(list) {
			list = append(list, nil)
		}
		list[k], err = patch(list[k], strings.TrimPrefix(rest, "."), to)
		return list, err
	}
	object, _ := in.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	name := path[:end]
	inner, err := patch(object[name], strings.TrimPrefix(path[end:], "."), to)
	object[name] = inner
	if inner == nil {
		delete(object, name)
	}
	return object, err
}

// patched applies lines "set PATH JSON" and "unset PATH" to a JSON object.
func patched(base []byte, lines []string) ([]byte, error) {
	var document any
	if err := json.Unmarshal(base, &document); err != nil {
		return nil, err
	}
	for _, line := range lines {
		fields := strings.SplitN(line, " ", 3)
		var to any
		if fields[0] == "set" {
			if err := json.Unmarshal([]byte(fields[2]), &to); err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
		}
		var err error
		if document, err = patch(document, fields[1], to); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return json.Marshal(document)
}
