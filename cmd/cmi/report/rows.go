package report

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// rows lays a chart out that has a row for each of some labels: beside them where it is wide, below them where it is narrow.
type rows struct {
	labels []string
	// lines is how many lines a row has below one another.
	lines int
	// figures leaves a column free at the right for a number in each line.
	figures bool
}

const (
	lineHeight vg.Length = 19
	rowGap     vg.Length = 9
	// figureWidth is how wide the column of numbers is.
	figureWidth vg.Length = 74
	// labelPart is how much of the width labels may take.
	labelPart           = 0.36
	endMargin vg.Length = 14
)

// rowHeight is how high a row is.
func (r rows) rowHeight(f frame) vg.Length {
	height := lineHeight*vg.Length(r.lines) + rowGap
	if f.narrow {
		height += lineHeight
	}
	return height
}

func (r rows) height(f frame) vg.Length {
	return r.rowHeight(f)*vg.Length(len(r.labels)) + axisHeight
}

// labelWidth is how wide the labels are, beside the rows.
func (r rows) labelWidth(f frame) vg.Length {
	if f.narrow {
		return 0
	}
	widest := vg.Length(0)
	for _, label := range r.labels {
		widest = max(widest, style(inkText, 0).Width(shortened(style(inkText, 0), label, f.width*labelPart)))
	}
	return widest + rowGap
}

// paint draws the labels on a plot and hands each line over to draw: its row, which line of it, where its middle is.
func (r rows) paint(f frame, c draw.Canvas, p *plot.Plot, draw1 func(c draw.Canvas, x func(float64) vg.Length, row, line int, y vg.Length)) {
	p.Y.Min, p.Y.Max = 0, 1
	p.Y.Tick.Marker = plot.ConstantTicks(nil)
	p.Y.LineStyle.Width = 0
	p.Add(plotted(func(c draw.Canvas, p *plot.Plot) {
		x, _ := p.Transforms(&c)
		for i := range r.labels {
			top := c.Max.Y - r.rowHeight(f)*vg.Length(i) - rowGap/2
			top -= r.label(f, c, i, top)
			for j := range r.lines {
				draw1(c, x, i, j, top-lineHeight*(vg.Length(j)+0.5))
			}
		}
	}))
	right := endMargin
	if r.figures && !f.narrow {
		right = figureWidth
	}
	left := r.labelWidth(f)
	if f.narrow {
		left = endMargin // half of the first number stands there
	}
	p.Draw(draw.Crop(c, left, -right, 0, 0))
}

// label draws the label of a row, and answers how much of the row it takes.
func (r rows) label(f frame, c draw.Canvas, row int, top vg.Length) vg.Length {
	if f.narrow {
		room := c.Max.X - c.Min.X + endMargin
		if r.figures && r.lines == 1 {
			room -= figureWidth
		}
		said := shortened(style(inkText, 0), r.labels[row], room)
		c.FillText(style(inkText, text.XLeft), vg.Point{X: c.Min.X - endMargin, Y: top - lineHeight/2}, said)
		return lineHeight
	}
	said := shortened(style(inkText, 0), r.labels[row], f.width*labelPart)
	middle := top - lineHeight*vg.Length(r.lines)/2
	c.FillText(style(inkText, text.XRight), vg.Point{X: c.Min.X - rowGap, Y: middle}, said)
	return 0
}

// figure writes a number at the right edge; where the chart is narrow beside the label, if the row has one line.
func (r rows) figure(f frame, c draw.Canvas, y vg.Length, said string) {
	if f.narrow {
		if r.lines > 1 {
			return // the table has it
		}
		y += lineHeight
	}
	c.FillText(style(inkText, text.XRight), vg.Point{X: f.width - 1, Y: y}, said)
}
