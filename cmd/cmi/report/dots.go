package report

import (
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dots shows estimates, a line each, with the intervals as whiskers.
type dots struct {
	title, axis string
	unit        unit
	// low and high are what the axis shows at least.
	low, high *float64
	// mark is a number that is marked by a line, such as where nothing differs.
	mark *float64
	// bars draws a bar from 0 to each figure.
	bars   bool
	series []legend
	rows   []dotRow
	// colours say what the inks of the rows stand for, where the labels do not.
	colours []legend
}

// dotRow has a point for each series.
type dotRow struct {
	label string
	// note stands in place of the points.
	note   string
	points []figure
	// ink is that of the row, where rows have inks of their own.
	ink ink
}

func (d *dots) heading() string { return d.title }

func (d *dots) legend() []legend {
	if len(d.series) < 2 {
		return d.colours
	}
	return d.series
}

func (d *dots) words() string {
	var said []string
	for _, r := range d.rows {
		if r.note != "" {
			said = append(said, r.label+": "+r.note)
			continue
		}
		for i, p := range r.points {
			name := r.label
			if len(d.series) > 1 {
				name += ", " + d.series[i].Text
			}
			said = append(said, name+": "+d.unit.write(figure{value: p.value, low: p.low, high: p.high}))
		}
	}
	return spoken(said)
}

// spoken joins what a chart says, and stops where it gets too long to listen to.
func spoken(said []string) string {
	const most = 30
	if len(said) > most {
		said = append(said[:most:most], "and more, in the table below")
	}
	return strings.Join(said, "; ") + "."
}

// lay is how the chart is laid out in rows.
func (d *dots) lay() rows {
	r := rows{lines: max(1, len(d.series)), figures: true}
	for _, row := range d.rows {
		r.labels = append(r.labels, row.label)
	}
	return r
}

func (d *dots) height(f frame) vg.Length { return d.lay().height(f) }

func (d *dots) draw(f frame, c draw.Canvas) {
	p := f.newPlot(d.unit, d.axis)
	p.X.Min, p.X.Max = d.span()
	p.Add(plotted(gridLines), plotted(d.rule))
	lay := d.lay()
	lay.paint(f, c, p, func(c draw.Canvas, x func(float64) vg.Length, row, line int, y vg.Length) {
		r := d.rows[row]
		switch {
		case r.note != "" && line == 0:
			c.FillText(style(inkFaint, text.XLeft), vg.Point{X: c.Min.X + rowGap, Y: y}, r.note)
		case r.note == "" && line < len(r.points) && drawable(r.points[line].value):
			d.point(c, x, y, r.points[line], d.inkOf(r, line))
			lay.figure(f, c, y, d.unit.brief(*r.points[line].value))
		}
	})
}

func (d *dots) inkOf(r dotRow, line int) ink {
	switch {
	case r.ink != "":
		return r.ink
	case line < len(d.series):
		return d.series[line].Ink
	}
	return serialInks()[0]
}

// rule draws the marked line.
func (d *dots) rule(c draw.Canvas, p *plot.Plot) {
	if drawable(d.mark) {
		x, _ := p.Transforms(&c)
		c.StrokeLine2(line(inkFaint, 1), x(*d.mark), c.Min.Y, x(*d.mark), c.Max.Y)
	}
}

// point draws a figure and its interval.
func (d *dots) point(c draw.Canvas, x func(float64) vg.Length, y vg.Length, f figure, i ink) {
	const half, cap, radius vg.Length = 7, 4, 4.5
	whisker := i
	if d.bars {
		from, to := x(0), x(*f.value)
		c.FillPolygon(i.colour(), []vg.Point{{X: from, Y: y - half}, {X: to, Y: y - half}, {X: to, Y: y + half}, {X: from, Y: y + half}})
		whisker = inkText
	}
	if drawable(f.low) && drawable(f.high) {
		low, high := x(*f.low), x(*f.high)
		c.StrokeLine2(line(whisker, 2), low, y, high, y)
		c.StrokeLine2(line(whisker, 2), low, y-cap, low, y+cap)
		c.StrokeLine2(line(whisker, 2), high, y-cap, high, y+cap)
	}
	if !d.bars {
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: i.colour(), Radius: radius, Shape: draw.CircleGlyph{}}, vg.Point{X: x(*f.value), Y: y})
	}
}

// span is from where to where the axis goes.
func (d *dots) span() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	take := func(v *float64) {
		if drawable(v) {
			low, high = min(low, *v), max(high, *v)
		}
	}
	for _, r := range d.rows {
		for _, p := range r.points {
			take(p.value)
			take(p.low)
			take(p.high)
		}
	}
	low, high = padded(low, high)
	take(d.low)
	take(d.high)
	take(d.mark)
	if d.bars {
		low = min(low, 0)
	}
	if d.low != nil {
		low = max(low, *d.low)
	}
	if d.high != nil && high > *d.high {
		high = *d.high
	}
	return low, high
}

// padded leaves a little room at both ends; where there is nothing it answers 0 to 1.
func padded(low, high float64) (float64, float64) {
	switch {
	case low > high:
		return 0, 1
	case low == high:
		return low - 1, high + 1
	}
	const part = 0.04
	room := (high - low) * part
	return low - room, high + room
}
