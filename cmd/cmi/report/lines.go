package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// lines shows how estimates go on over time, with the intervals as whiskers.
type lines struct {
	title, axis string
	unit        unit
	// times are the names of the periods, in order.
	times  []string
	series []legend
	// points are those of each series, by period; empty where there is nothing to say.
	points [][]figure
}

func (l *lines) heading() string { return l.title }

func (l *lines) legend() []legend {
	if len(l.series) < 2 {
		return nil
	}
	return l.series
}

func (l *lines) words() string {
	var said []string
	for i, s := range l.series {
		for j, p := range l.points[i] {
			if !p.absent() {
				said = append(said, s.Text+" "+l.times[j]+": "+l.unit.write(figure{value: p.value, low: p.low, high: p.high}))
			}
		}
	}
	return spoken(said)
}

func (l *lines) height(f frame) vg.Length {
	if f.narrow {
		return 280
	}
	return 330
}

func (l *lines) draw(f frame, c draw.Canvas) {
	p := f.newPlot(l.unit, "")
	p.Y.Label.Text = l.axis
	p.Y.Tick.Marker, p.X.Tick.Marker = ticks{l.unit, levels}, l.timeTicks(f)
	const side = 0.4
	p.X.Min, p.X.Max = -side, float64(len(l.times)-1)+side
	p.Y.Min, p.Y.Max = l.span()
	p.Add(plotted(levelLines))
	for i := range l.series {
		p.Add(plotted(func(c draw.Canvas, p *plot.Plot) { l.one(c, p, i) }))
	}
	p.Draw(draw.Crop(c, 0, -endMargin, 0, -endMargin))
}

// levels is about how many numbers a vertical axis has.
const levels = 5

// levelLines draws a line for each number of the vertical axis.
func levelLines(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	for _, tick := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		c.StrokeLine2(line(inkGrid, 1), c.Min.X, y(tick.Value), c.Max.X, y(tick.Value))
	}
}

// one draws a series. Series stand a little beside one another, so that their whiskers do not hide each other.
func (l *lines) one(c draw.Canvas, p *plot.Plot, series int) {
	const apart, radius, cap vg.Length = 5, 4, 3
	x, y := p.Transforms(&c)
	aside := apart * (vg.Length(series) - vg.Length(len(l.series)-1)/2)
	i := l.series[series].Ink
	var before *vg.Point
	for j, f := range l.points[series] {
		if !drawable(f.value) {
			before = nil
			continue
		}
		at := vg.Point{X: x(float64(j)) + aside, Y: y(*f.value)}
		if before != nil {
			c.StrokeLine2(line(i, 2), before.X, before.Y, at.X, at.Y)
		}
		if drawable(f.low) && drawable(f.high) {
			low, high := y(*f.low), y(*f.high)
			c.StrokeLine2(line(i, 1), at.X, low, at.X, high)
			c.StrokeLine2(line(i, 1), at.X-cap, low, at.X+cap, low)
			c.StrokeLine2(line(i, 1), at.X-cap, high, at.X+cap, high)
		}
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: i.colour(), Radius: radius, Shape: draw.CircleGlyph{}}, at)
		before = &at
	}
}

// timeTicks names as many periods as have room.
func (l *lines) timeTicks(f frame) plot.ConstantTicks {
	most := 12
	if f.narrow {
		most = 4
	}
	step := (len(l.times) + most - 1) / most
	var all plot.ConstantTicks
	for i := 0; i < len(l.times); i += max(1, step) {
		all = append(all, plot.Tick{Value: float64(i), Label: l.times[i]})
	}
	return all
}

func (l *lines) span() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, f := range slices.Concat(l.points...) {
		for _, v := range []*float64{f.value, f.low, f.high} {
			if drawable(v) {
				low, high = min(low, *v), max(high, *v)
			}
		}
	}
	return padded(low, high)
}
