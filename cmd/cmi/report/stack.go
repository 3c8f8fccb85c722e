package report

import (
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// stack shows how wholes divide into parts.
type stack struct {
	title, axis string
	parts       []legend
	rows        []stackRow
}

// stackRow has a share for each part, 0 to 1.
type stackRow struct {
	label string
	// note stands in place of the shares.
	note   string
	shares []*float64
}

func (s *stack) heading() string  { return s.title }
func (s *stack) legend() []legend { return s.parts }

func (s *stack) words() string {
	var said []string
	for _, r := range s.rows {
		if r.note != "" {
			said = append(said, r.label+": "+r.note)
			continue
		}
		text := r.label + ":"
		for i, v := range r.shares {
			if i > 0 {
				text += ","
			}
			text += " " + s.parts[i].Text + " " + share.write(bare(v))
		}
		said = append(said, text)
	}
	return spoken(said)
}

func (s *stack) lay() rows {
	r := rows{lines: 1}
	for _, row := range s.rows {
		r.labels = append(r.labels, row.label)
	}
	return r
}

func (s *stack) height(f frame) vg.Length { return s.lay().height(f) }

func (s *stack) draw(f frame, c draw.Canvas) {
	p := f.newPlot(share, s.axis)
	p.X.Min, p.X.Max = 0, 1
	p.Add(plotted(gridLines))
	s.lay().paint(f, c, p, func(c draw.Canvas, x func(float64) vg.Length, row, _ int, y vg.Length) {
		r := s.rows[row]
		if r.note != "" {
			c.FillText(style(inkFaint, text.XLeft), vg.Point{X: c.Min.X + rowGap, Y: y}, r.note)
			return
		}
		at := 0.0
		for i, v := range r.shares {
			if drawable(v) && *v > 0 && at < 1 {
				s.part(c, s.parts[i].Ink, x(at), x(min(1, at+*v)), y, *v)
				at += *v
			}
		}
	})
}

// part draws one part, with its percentage where that has room.
func (s *stack) part(c draw.Canvas, i ink, from, to, y vg.Length, v float64) {
	const half, seam, room vg.Length = 10, 1, 4
	c.FillPolygon(i.colour(), []vg.Point{
		{X: from, Y: y - half}, {X: to - seam, Y: y - half}, {X: to - seam, Y: y + half}, {X: from, Y: y + half},
	})
	said := unsigned(100*v, 0) + " %"
	if on := style(i.on(), text.XCenter); on.Width(said)+room <= to-from {
		c.FillText(on, vg.Point{X: (from + to) / 2, Y: y}, said)
	}
}
