package report

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// chart is a picture of figures. It is drawn twice, wide and narrow, with type of the same size.
type chart interface {
	// heading says what it shows.
	heading() string
	// words says what it shows to those who do not see it.
	words() string
	// legend says what the colours stand for; nil where the labels do.
	legend() []legend
	// height is how high it gets in a frame.
	height(f frame) vg.Length
	// draw draws it.
	draw(f frame, c draw.Canvas)
}

// legend says what a colour stands for.
type legend struct {
	Ink  ink
	Text string
}

// frame is the place that a chart has.
type frame struct {
	narrow bool
	width  vg.Length
}

// The frames: beside a table on a screen, and on a phone.
const (
	wideWidth   vg.Length = 860
	narrowWidth vg.Length = 340
	// typeSize is the size of all letters, in pixels where the chart is not scaled.
	typeSize vg.Length = 13
	// axisHeight is how high the horizontal axis is, with its numbers and what they are.
	axisHeight vg.Length = 46
)

func frames() []frame { return []frame{{false, wideWidth}, {true, narrowWidth}} }

// ticks is about how many numbers an axis has room for.
func (f frame) ticks() int {
	if f.narrow {
		return 4
	}
	return 7
}

// style is that of text.
func style(i ink, x text.XAlignment) text.Style {
	return text.Style{
		Color: i.colour(), Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, typeSize),
		XAlign: x, YAlign: text.YCenter, Handler: plot.DefaultTextHandler,
	}
}

// newPlot prepares a plot with a horizontal axis of numbers in a unit, and what they are.
func (f frame) newPlot(u unit, axis string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle.Color = inkGrid.colour()
		a.Tick.LineStyle.Width = 0
		a.Tick.Length = 4
		a.Tick.Label.Color, a.Label.TextStyle.Color = inkFaint.colour(), inkFaint.colour()
		a.Tick.Label.Font, a.Label.TextStyle.Font = style(inkFaint, 0).Font, style(inkFaint, 0).Font
		a.Label.Padding = 4
	}
	p.X.Tick.Marker = ticks{u, f.ticks()}
	p.X.Label.Text = axis
	return p
}

// ticks are round numbers of an axis in their unit, about so many.
type ticks struct {
	unit  unit
	about int
}

// Ticks answers round numbers between two.
func (t ticks) Ticks(low, high float64) []plot.Tick {
	var all []plot.Tick
	step := roundStep((high - low) / float64(t.about))
	const most, tiny = 50, 1e-9 // more there cannot be, but for what rounding does
	for i := math.Ceil(low/step - tiny); i <= high/step+tiny && len(all) < most; i++ {
		all = append(all, plot.Tick{Value: i * step, Label: t.unit.round(i * step)})
	}
	return all
}

// roundStep is the next of 1, 2, 5, 10 and so on that is not less than a number.
func roundStep(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 1
	}
	magnitude := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*magnitude >= v*(1-1e-9) {
			return factor * magnitude
		}
	}
	return 10 * magnitude
}

// round writes a round number with no more decimals than it has.
func (u unit) round(v float64) string {
	if u == share || u == shareChange {
		v *= 100
	}
	const decimals = 6
	text := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', decimals, 64), "0"), ".")
	if text == "-0" || text == "" {
		text = "0"
	}
	return grouped(text) + u.sign()
}

// plotted draws on a plot within its axes.
type plotted func(c draw.Canvas, p *plot.Plot)

// Plot draws.
func (d plotted) Plot(c draw.Canvas, p *plot.Plot) { d(c, p) }

// gridLines draws a line for each number of the horizontal axis.
func gridLines(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, tick := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		c.StrokeLine2(line(inkGrid, 1), x(tick.Value), c.Min.Y, x(tick.Value), c.Max.Y)
	}
}

// line is the style of a line.
func line(i ink, width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: i.colour(), Width: width}
}

// shortened cuts text to a width, and says so by an ellipsis.
func shortened(s text.Style, said string, width vg.Length) string {
	said = strings.Join(strings.Fields(said), " ")
	if s.Width(said) <= width {
		return said
	}
	letters := []rune(said)
	fits := sort.Search(len(letters), func(n int) bool { return s.Width(string(letters[:n])+"…") > width }) - 1
	return strings.TrimRight(string(letters[:max(1, fits)]), " ") + "…"
}
