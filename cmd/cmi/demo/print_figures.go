package demo

import (
	"fmt"
	"strings"
	"unicode/utf8"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// figure writes a figure of a report with one decimal, in a scale such as 100 for percent; a dash where there is none.
func figure(e *cmiv1.Estimate, scale float64) string {
	if e == nil || e.Value == nil {
		return "-"
	}
	return tenths(scale * e.GetValue())
}

// span writes the interval of a figure; a dash where there is none.
func span(e *cmiv1.Estimate, scale float64) string {
	if e == nil || e.Low == nil || e.High == nil {
		return "-"
	}
	return "[" + tenths(scale*e.GetLow()) + ", " + tenths(scale*e.GetHigh()) + "]"
}

// tenths writes one decimal, and no sign before 0.
func tenths(x float64) string {
	text := fmt.Sprintf("%.1f", x)
	if text == "-0.0" {
		return "0.0"
	}
	return text
}

// chanceOf writes a p-value; a dash where there is none.
func chanceOf(p *float64) string {
	switch {
	case p == nil:
		return "-"
	case *p < 0.0001:
		return "below 0.0001"
	}
	return fmt.Sprintf("%.4f", *p)
}

// groupName says who the customers of a segment are.
func groupName(segment, value string) string {
	if segment == flyerSegment {
		return value + " flyers"
	}
	return strings.ToLower(value) + " travellers"
}

// paragraph writes text in lines that fit.
func (p printer) paragraph(text string) {
	const indent = "  "
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = indent + word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			p.line("%s", line)
			line = indent + word
		}
	}
	p.line("%s", line)
}
