package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// scatter sets importance against performance, with the four quadrants that the cuts make.
type scatter struct {
	title        string
	xAxis, yAxis string
	xUnit, yUnit unit
	xCut, yCut   *float64
	points       []scatterPoint
	corners      [4]string // upper right, upper left, lower left, lower right
}

type scatterPoint struct {
	label string
	x, y  float64
	ink   ink
}

func (s *scatter) heading() string  { return s.title }
func (s *scatter) legend() []legend { return nil }

func (s *scatter) words() string {
	var said []string
	for _, p := range s.points {
		said = append(said, p.label+": "+s.yAxis+" "+s.yUnit.number(p.y)+s.yUnit.sign()+", "+s.xAxis+" "+s.xUnit.number(p.x)+s.xUnit.sign())
	}
	return spoken(said)
}

func (s *scatter) height(f frame) vg.Length {
	if f.narrow {
		return 360
	}
	return 460
}

func (s *scatter) draw(f frame, c draw.Canvas) {
	p := f.newPlot(s.xUnit, s.xAxis)
	p.Y.Label.Text = s.yAxis
	p.Y.Tick.Marker = ticks{s.yUnit, levels}
	p.X.Min, p.X.Max = s.span(func(p scatterPoint) float64 { return p.x }, s.xCut)
	p.Y.Min, p.Y.Max = s.span(func(p scatterPoint) float64 { return p.y }, s.yCut)
	p.Add(plotted(gridLines), plotted(levelLines), plotted(s.cuts), plotted(s.dots))
	p.Draw(draw.Crop(c, 0, -endMargin, 0, -endMargin))
}

// cuts draws the lines between the quadrants.
func (s *scatter) cuts(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	dashed := line(inkFaint, 1.5)
	dashed.Dashes = []vg.Length{5, 4}
	if drawable(s.xCut) {
		c.StrokeLine2(dashed, x(*s.xCut), c.Min.Y, x(*s.xCut), c.Max.Y)
	}
	if drawable(s.yCut) {
		c.StrokeLine2(dashed, c.Min.X, y(*s.yCut), c.Max.X, y(*s.yCut))
	}
}

// names writes what the quadrants stand for into their outer corners, and answers where.
func (s *scatter) names(c draw.Canvas) (taken []vg.Rectangle) {
	if !drawable(s.xCut) || !drawable(s.yCut) {
		return nil
	}
	const in vg.Length = 6
	for i, name := range s.corners {
		said := style(inkFaint, text.XLeft)
		at := vg.Point{X: c.Min.X + in, Y: c.Min.Y + in + lineHeight/2}
		if i == 0 || i == 3 {
			at.X = c.Max.X - in - said.Width(name)
		}
		if i < 2 {
			at.Y = c.Max.Y - in - lineHeight/2
		}
		c.FillText(said, at, name)
		half := vg.Point{Y: lineHeight / 2}
		taken = append(taken, vg.Rectangle{Min: at.Sub(half), Max: at.Add(half).Add(vg.Point{X: said.Width(name)})})
	}
	return taken
}

// dots draws the points, each with its label where there is room for one.
func (s *scatter) dots(c draw.Canvas, p *plot.Plot) {
	const radius vg.Length = 5
	x, y := p.Transforms(&c)
	taken := s.names(c)
	for _, at := range s.points {
		middle := vg.Point{X: x(at.x), Y: y(at.y)}
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: at.ink.colour(), Radius: radius, Shape: draw.CircleGlyph{}}, middle)
		taken = append(taken, vg.Rectangle{Min: middle.Sub(vg.Point{X: radius, Y: radius}), Max: middle.Add(vg.Point{X: radius, Y: radius})})
	}
	for _, at := range s.points {
		taken = placed(c, taken, at.label, vg.Point{X: x(at.x), Y: y(at.y)})
	}
}

// placed writes a label beside its point: at its right, left, above or below, where it hides nothing; else not at all.
func placed(c draw.Canvas, taken []vg.Rectangle, said string, at vg.Point) []vg.Rectangle {
	const gap vg.Length = 8
	s := style(inkText, text.XLeft)
	said = shortened(s, said, (c.Max.X-c.Min.X)*labelPart)
	width, height := s.Width(said), typeSize
	for _, from := range []vg.Point{
		{X: at.X + gap, Y: at.Y}, {X: at.X - gap - width, Y: at.Y},
		{X: at.X - width/2, Y: at.Y + gap + height/2}, {X: at.X - width/2, Y: at.Y - gap - height/2},
	} {
		box := vg.Rectangle{Min: vg.Point{X: from.X, Y: from.Y - height/2}, Max: vg.Point{X: from.X + width, Y: from.Y + height/2}}
		if box.Min.X < c.Min.X || box.Max.X > c.Max.X || overlaps(box, taken) {
			continue
		}
		c.FillText(s, from, said)
		return append(taken, box)
	}
	return taken
}

func overlaps(box vg.Rectangle, taken []vg.Rectangle) bool {
	for _, t := range taken {
		if box.Min.X < t.Max.X && t.Min.X < box.Max.X && box.Min.Y < t.Max.Y && t.Min.Y < box.Max.Y {
			return true
		}
	}
	return false
}

// span is from where to where an axis goes, with room at both ends for labels.
func (s *scatter) span(of func(scatterPoint) float64, cut *float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range s.points {
		low, high = min(low, of(p)), max(high, of(p))
	}
	if drawable(cut) {
		low, high = min(low, *cut), max(high, *cut)
	}
	const part = 0.1
	low, high = padded(low, high)
	return low - part*(high-low), high + part*(high-low)
}
