package ndjson_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/customer-momentum/cmi/server/gateway/ndjson"
)

func readAll(in io.Reader, max int) (lines []string, numbers []int, err error) {
	var b ndjson.Buffers
	r := b.NewReader(in, max)
	defer r.Release()
	for {
		line, err := r.Next()
		if err != nil {
			return lines, append(numbers, r.Line()), err
		}
		lines = append(lines, string(line))
		numbers = append(numbers, r.Line())
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	lines, numbers, err := readAll(strings.NewReader("a\n\n \t\nbb\r\n\r\nccc"), 10)
	if !errors.Is(err, io.EOF) || strings.Join(lines, "|") != "a|bb|ccc" || numbers[0] != 1 || numbers[1] != 4 || numbers[2] != 6 {
		t.Errorf("%q %v %v", lines, numbers, err)
	}
}

func TestALineAtTheBound(t *testing.T) {
	t.Parallel()
	for _, max := range []int{1, 10, 32<<10 - 1, 32 << 10, 100_000} {
		fits, over := strings.Repeat("x", max), strings.Repeat("x", max+1)
		for _, end := range []string{"\n", "\r\n", ""} {
			if lines, _, err := readAll(strings.NewReader("a\n"[:min(2, 2*max)]+fits+end), max); !errors.Is(err, io.EOF) || len(lines) != 2 {
				t.Errorf("%d, end %q: %d lines, %v", max, end, len(lines), err)
			}
			lines, numbers, err := readAll(strings.NewReader("a\n"+over+end+"b\n"), max)
			if !errors.Is(err, ndjson.ErrLineTooLong) || len(lines) != 1 || numbers[len(numbers)-1] != 2 {
				t.Errorf("%d, end %q: %d lines, %v %v", max, end, len(lines), numbers, err)
			}
		}
	}
}

func TestAnEndlessLineIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	in := &counting{}
	if _, _, err := readAll(in, 1000); !errors.Is(err, ndjson.ErrLineTooLong) || in.n > 64<<10 {
		t.Errorf("%d bytes were read: %v", in.n, err)
	}
}

type counting struct{ n int }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	c.n += len(p)
	return len(p), nil
}

func TestWhatIsLeftOfABrokenInputIsNoLine(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	lines, _, err := readAll(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), 10)
	if !errors.Is(err, broken) || len(lines) != 1 {
		t.Errorf("%q %v", lines, err)
	}
}

// FuzzReader compares with splitting the whole, however the input arrives.
func FuzzReader(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n c \nd"), 3)
	f.Add([]byte("\r\n\r"), 1)
	f.Add([]byte("0\r"), 1)
	f.Fuzz(func(t *testing.T, data []byte, max int) {
		if max < 1 || max > 1<<16 {
			return
		}
		var want []string
		tooLong := false
		for _, line := range bytes.Split(data, []byte("\n")) {
			line = bytes.TrimSuffix(line, []byte("\r"))
			if len(line) > max {
				tooLong = true
				break
			}
			if len(bytes.TrimSpace(line)) > 0 {
				want = append(want, string(line))
			}
		}
		for name, in := range map[string]io.Reader{
			"at once": bytes.NewReader(data), "by bytes": iotest.OneByteReader(bytes.NewReader(data)), "with the end": iotest.DataErrReader(bytes.NewReader(data)),
		} {
			lines, _, err := readAll(in, max)
			if tooLong != errors.Is(err, ndjson.ErrLineTooLong) || strings.Join(lines, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s: %q, %v; want %q", name, lines, err, want)
			}
		}
	})
}
