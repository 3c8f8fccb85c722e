package report

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// picture draws a chart in a frame, as SVG to stand in a page, under an id that no other has there.
func picture(ch chart, f frame, id string) (template.HTML, error) {
	height := ch.height(f)
	canvas := vgsvg.NewWith(vgsvg.UseWH(f.width, height))
	ch.draw(f, draw.New(canvas))
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return "", fmt.Errorf("%s cannot be drawn: %w", ch.heading(), err)
	}
	_, inner, found := strings.Cut(drawn.String(), "xlink\">")
	if !found {
		return "", fmt.Errorf("%s cannot be drawn: the picture has no beginning", ch.heading())
	}
	class := "wide"
	if f.narrow {
		class = "narrow"
	}
	name := template.HTMLEscapeString(clean(ch.heading()))
	open := fmt.Sprintf(`<svg class="%s" role="img" aria-labelledby="%s-name" aria-describedby="%s-words" viewBox="0 0 %.0f %.0f" `+
		`width="%.0f" height="%.0f" xmlns="http://www.w3.org/2000/svg"><title id="%s-name">%s</title><desc id="%s-words">%s</desc>`,
		class, id, id, f.width.Points(), height.Points(), f.width.Points(), height.Points(),
		id, name, id, template.HTMLEscapeString(clean(ch.words())))
	return template.HTML(open + inked(inner)), nil //nolint:gosec // all text in it is escaped, here and by vgsvg
}

// inked puts the inks of the style sheet in place of numbers, and leaves the font to it. Text cannot be mistaken for an attribute:
// its quotation marks are escaped.
func inked(svg string) string {
	inks := allInks()
	attribute := regexp.MustCompile(`style="[^"]*"`)
	font := regexp.MustCompile(`font-family:[^;"]*;font-variant:[^;"]*;font-weight:[^;"]*;font-style:[^;"]*;?`)
	number := regexp.MustCompile(`#0000([0-9A-F]{2})`)
	return attribute.ReplaceAllStringFunc(svg, func(style string) string {
		return number.ReplaceAllStringFunc(font.ReplaceAllString(style, ""), func(colour string) string {
			which, err := strconv.ParseUint(colour[len("#0000"):], 16, 8)
			if err != nil || which == 0 || int(which) > len(inks) {
				return "currentColor"
			}
			return "var(--" + string(inks[which-1]) + ")"
		})
	})
}

// clean takes out of a text what may stand neither in SVG nor on a terminal: control characters.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff, isOverride(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}

// isOverride tells the characters that turn the direction of what follows them: they could make text read as another.
func isOverride(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
