package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/customer-momentum/cmi/cmd/cmi/report"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// targetFlag is what drivers are looked for.
type targetFlag struct{ wire *cmiv1.DriverTarget }

// UnmarshalText reads it.
func (f *targetFlag) UnmarshalText(text []byte) error {
	kind, rest, more := strings.Cut(string(text), ":")
	switch {
	case kind == "cmi" && !more:
		f.wire = &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Cmi{Cmi: true}}
		return nil
	case kind == "item" && rest != "":
		f.wire = &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_ItemId{ItemId: rest}}
		return nil
	case kind == "outcome":
		return f.outcome(rest)
	case !more:
		if pillar, err := report.ParseWord[cmiv1.Pillar](kind); err == nil {
			f.wire = &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Pillar{Pillar: pillar}}
			return nil
		}
	}
	return fmt.Errorf("%q is not a target; cmi, eci, bei, fii, item:ID and outcome:KIND:DAYS are", text)
}

// outcome reads the kind and the days of an outcome.
func (f *targetFlag) outcome(text string) error {
	said, days, found := strings.Cut(text, ":")
	kind, err := report.ParseWord[cmiv1.OutcomeKind](said)
	if err != nil {
		return err
	}
	window, err := strconv.ParseInt(days, 10, 32)
	if !found || err != nil {
		return fmt.Errorf("outcome:%s does not say within how many days, as outcome:%s:180 does", text, said)
	}
	f.wire = &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Outcome{Outcome: &cmiv1.OutcomeTarget{Kind: kind, WindowDays: int32(window)}}}
	return nil
}

// predictorFlag is an item, the gap between two, all of a row of them, or the mean of several.
type predictorFlag struct{ all []*cmiv1.DriverPredictor }

// UnmarshalText reads it: s1, s1:e1, s1..s23, s1:e1..s23:e23, or Image=IMAG1+IMAG2 for a mean with a name.
func (f *predictorFlag) UnmarshalText(text []byte) error {
	if name, rest, named := strings.Cut(string(text), "="); named {
		return f.mean(name, rest)
	}
	first, last, isRange := strings.Cut(string(text), "..")
	if !isRange {
		last = first
	}
	firstItem, firstLess, gap := strings.Cut(first, ":")
	lastItem, lastLess, lastGap := strings.Cut(last, ":")
	if firstItem == "" || gap != lastGap || gap && (firstLess == "" || lastLess == "") {
		return fmt.Errorf("%q is not a predictor, such as s1, s1:e1, s1..s23 or s1:e1..s23:e23", text)
	}
	items, err := itemRange(firstItem, lastItem)
	if err != nil {
		return err
	}
	less := make([]string, len(items))
	if gap {
		if less, err = itemRange(firstLess, lastLess); err != nil {
			return err
		}
	}
	if len(less) != len(items) {
		return fmt.Errorf("%q takes %s off %s; there must be as many", text, plural(len(less), "item"), plural(len(items), "item"))
	}
	for i, item := range items {
		f.all = append(f.all, predictorOf(item, less[i]))
	}
	return nil
}

// mean reads the items of a predictor with a name, and those that are taken off.
func (f *predictorFlag) mean(name, text string) error {
	items, less, gap := strings.Cut(text, ":")
	p := &cmiv1.DriverPredictor{Name: name, ItemIds: strings.Split(items, "+")}
	if gap {
		p.LessItemIds = strings.Split(less, "+")
	}
	if name == "" || slices.Contains(append(p.GetItemIds(), p.GetLessItemIds()...), "") {
		return fmt.Errorf("%q is not a mean of items, such as Image=IMAG1+IMAG2", name+"="+text)
	}
	f.all = append(f.all, p)
	return nil
}

// itemRange are the items from one to another, which differ in the number at their ends alone.
func itemRange(first, last string) ([]string, error) {
	if first == last {
		return []string{first}, nil
	}
	const most = 100 // the service takes no more
	parts := regexp.MustCompile(`^(.*?)([0-9]{1,9})$`)
	from, to := parts.FindStringSubmatch(first), parts.FindStringSubmatch(last)
	if from == nil || to == nil || from[1] != to[1] {
		return nil, fmt.Errorf("%s..%s is not a range; s1..s23 is", first, last)
	}
	low, _ := strconv.Atoi(from[2])
	high, _ := strconv.Atoi(to[2])
	if high < low || high-low >= most {
		return nil, fmt.Errorf("%s..%s is a range of %d items; 1 to %d can be taken", first, last, max(0, high-low+1), most)
	}
	var all []string
	for i := low; i <= high; i++ {
		all = append(all, fmt.Sprintf("%s%0*d", from[1], numberWidth(from[2]), i))
	}
	return all, nil
}

// numberWidth is how many digits numbers have that begin as this one: q01 goes on with q02.
func numberWidth(digits string) int {
	if strings.HasPrefix(digits, "0") {
		return len(digits)
	}
	return 0
}

// predictorOf is an item, or the gap between two.
func predictorOf(item, less string) *cmiv1.DriverPredictor {
	p := &cmiv1.DriverPredictor{ItemIds: []string{item}}
	if less != "" {
		p.LessItemIds = []string{less}
	}
	return p
}
