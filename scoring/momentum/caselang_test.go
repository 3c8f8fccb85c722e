package momentum_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/momentum"
)

// TestCases runs every course of testdata/*.test, whose language testdata/README.md describes.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c *course
		for n, line := range strings.Split(string(content), "\n") {
			line, _, _ = strings.Cut(line, "#")
			fields := strings.Fields(line)
			switch {
			case len(fields) == 0:
			case fields[0] == "course":
				c.end()
				c = &course{T: t, where: fmt.Sprintf("%s:%d", file, n+1), asOf: days(c.value(fields[2]))}
			default:
				c.line(fields)
			}
		}
		c.end()
	}
}

// course is one case, and what it has come to.
type course struct {
	*testing.T
	where   string
	asOf    int64
	points  []momentum.Point
	got     *momentum.Course
	checked bool
}

func (c *course) end() {
	if c != nil && !c.checked {
		c.Errorf("%s: nothing is expected", c.where)
	}
}

func (c *course) equal(what string, got, want any) {
	c.Helper()
	if got != want {
		c.Errorf("%s: %s is %v, want %v", c.where, what, got, want)
	}
}

// value reads a product or quotient of numbers, such as 2/3 or 5/sqrt2, or fails.
func (c *course) value(text string) float64 {
	x, times := 1.0, true
	for text != "" {
		end := strings.IndexAny(text, "*/")
		if end < 0 {
			end = len(text)
		}
		digits, root := strings.CutPrefix(text[:end], "sqrt")
		y, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			panic(fmt.Sprintf("%q: %v", text, err))
		}
		if root {
			y = math.Sqrt(y)
		}
		if !times {
			y = 1 / y
		}
		x *= y
		if end == len(text) {
			break
		}
		times, text = text[end] == '*', text[end+1:]
	}
	return x
}

// number compares to 1e-9, relatively above 1; "none" stands for an absent number.
func (c *course) number(what string, got *float64, text string) {
	c.Helper()
	switch {
	case text == "none" && got != nil:
		c.Errorf("%s: %s is %v, want none", c.where, what, *got)
	case text == "none":
	case got == nil:
		c.Errorf("%s: %s is absent, want %s", c.where, what, text)
	case !(math.Abs(*got-c.value(text)) <= 1e-9*max(1, math.Abs(*got))):
		c.Errorf("%s: %s is %.17g, want %.17g", c.where, what, *got, c.value(text))
	}
}

func (c *course) line(fields []string) {
	c.Helper()
	if status, ok := cmiv1.ScoreStatus_value["SCORE_STATUS_"+fields[min(1, len(fields)-1)]]; ok {
		c.point(fields, cmiv1.ScoreStatus(status))
		return
	}
	if c.got == nil {
		got := momentum.Of(c.points, c.asOf)
		c.got = &got
	}
	c.checked = true
	if !c.level(fields) && !c.direction(fields) {
		panic(fmt.Sprintf("%s: unknown line %v", c.where, fields))
	}
}

// point reads a line such as "30 SCORED 62.5 sem 5 growth 40 advocate 90".
func (c *course) point(fields []string, status cmiv1.ScoreStatus) {
	p := momentum.Point{At: days(c.value(fields[0])), Status: status, Growth: 50, Advocate: 80}
	if status != unscoredStatus {
		p.CMI = c.value(fields[2])
		for rest := range slices.Chunk(fields[3:], 2) {
			x := c.value(rest[1])
			switch rest[0] {
			case "sem":
				p.SEM = &x
			case "growth":
				p.Growth = x
			case "advocate":
				p.Advocate = x
			}
		}
		p.Bucket = bucketOf(p.CMI, p.Growth, p.Advocate)
	}
	c.points = append(c.points, p)
}

// level compares what is said about levels and buckets.
func (c *course) level(fields []string) bool {
	c.Helper()
	got := c.got
	switch fields[0] {
	case "level":
		c.number("level", got.Level, fields[1])
		if fields[1] != "none" {
			c.equal("level at", got.LevelAt, days(c.value(fields[3])))
		}
		c.equal("stale", got.Stale, slices.Contains(fields, "stale"))
	case "smoothed":
		c.number("smoothed level", got.Smoothed, fields[1])
	case "bucket":
		c.equal("bucket", name(got.Bucket), fields[1])
	case "stable":
		var list []string
		for _, b := range got.Stables {
			list = append(list, name(b))
		}
		c.equal("stable buckets", strings.Join(list, " "), strings.Join(fields[1:], " "))
		c.equal("last stable bucket", name(got.Stable), fields[len(fields)-1])
	default:
		return false
	}
	return true
}

// direction compares what is said about changes.
func (c *course) direction(fields []string) bool {
	c.Helper()
	got := c.got
	switch fields[0] {
	case "delta":
		c.number("delta", got.Delta, fields[1])
		c.number("reliable change index", got.RCI, fields[3])
	case "velocity":
		c.number("velocity", got.Velocity, fields[1])
	case "trend":
		if fields[1] == "none" || got.Trend == nil {
			c.equal("trend", got.Trend == nil, fields[1] == "none")
			break
		}
		c.equal("S", strconv.Itoa(got.Trend.S), fields[2])
		c.number("z", &got.Trend.Z, fields[4])
		c.number("p", &got.Trend.P, fields[6])
	case "direction":
		c.equal("direction", got.Direction.String(), "DIRECTION_"+fields[1])
		c.equal("basis", got.Basis.String(), "DIRECTION_BASIS_"+fields[3])
		c.equal("calibrated", got.Calibrated, slices.Contains(fields, "calibrated"))
	default:
		return false
	}
	return true
}

// name shortens a bucket.
func name(b cmiv1.Bucket) string {
	if b == cmiv1.Bucket_BUCKET_UNSPECIFIED {
		return "none"
	}
	return strings.TrimPrefix(b.String(), "BUCKET_")
}
