package tables

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
)

// FuzzCSV holds the cutting into cells to that of the standard library, where both take the text.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\"\"b\",c\n\"x\ny\",z", "a\r\nb\r\n", "\"", "a\"b", "\"a\"b\n", "\n\n,\n", ",,,", "\"\"", "\"\r\n\",\r"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.Contains(text, []byte{'\r'}) {
			text = bytes.ReplaceAll(text, []byte{'\r'}, nil) // within quotes the library changes it
		}
		var got [][]string
		c := newCells(',')
		c.text = text
		for c.at < len(text) {
			if c.blank() {
				continue
			}
			var row []string
			for {
				cell, wrong := c.next()
				if wrong != "" {
					if c.at > len(text) {
						t.Fatalf("what is wrong is said of byte %d of %d", c.at, len(text))
					}
					return
				}
				if row = append(row, string(cell)); c.ended {
					break
				}
			}
			got = append(got, row)
		}
		r := csv.NewReader(bytes.NewReader(text))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err == nil && !reflect.DeepEqual(got, want) && !(len(got) == 0 && len(want) == 0) {
			t.Errorf("%q is cut into %q, want %q", text, got, want)
		}
		if err != nil {
			t.Errorf("%q is taken; the library says %v", text, err)
		}
	})
}

// FuzzBlocks holds the cutting into pieces to losing and adding nothing, and to cutting between rows.
func FuzzBlocks(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\"x\n\n\ny\",z\n\"\"\"\n\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		end := boundary(text, true)
		if end > 0 && (text[end-1] != '\n' || bytes.Count(text[:end], []byte{'"'})%2 != 0) {
			t.Errorf("%q is cut at %d", text, end)
		}
		var all []byte
		blocks := newBlocks(bytes.NewReader(text), true)
		for {
			var p piece
			err := blocks.next(&p)
			if err == io.EOF { //nolint:errorlint // it is never wrapped
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, p.raw...)
		}
		if !bytes.Equal(all, text) {
			t.Errorf("%q comes as %q", text, all)
		}
	})
}

// FuzzJSONLine holds the reading of an object to that of the standard library.
func FuzzJSONLine(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a": 1, "b": "x"}`, `{"a": [1, {"b": "]"}], "c": null}`, `{"\u0061": "\n\ud83d\ude00"}`, `{"a": 1e5, "b": -0.5}`, `{"a"`, `{"a": tru}`, `[]`,
		`{"a": 1}}`, `{"a": "\`, `{"a":1,}`, `{"a":-0,"b":0.10e+2,"c":1E5}`, `{"a":-}`, `{"a":1.}`, `{"a":1e}`, `{"a":00}`, `{"a":false}`, `{"a":.5}`, `{"a":+1}`, "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		scan := scanner{text: text}
		got := map[string]any{}
		twice := false
		wrong := scan.each(func(key []byte, kind valueKind, value []byte) string {
			_, seen := got[string(key)]
			twice = twice || seen
			switch kind {
			case jsonNull:
				got[string(key)] = nil
			case jsonText:
				got[string(key)] = string(value)
			default:
				var v any
				if json.Unmarshal(value, &v) != nil {
					t.Errorf("%q: the value %q is not JSON", text, value)
				}
				got[string(key)] = v
			}
			return ""
		})
		var want map[string]any
		err := json.Unmarshal(text, &want)
		if wrong == "" && err != nil && !strings.Contains(err.Error(), "cannot unmarshal number") {
			t.Errorf("%q is taken; the library says %v", text, err)
		}
		if wrong == "" && err == nil && !twice && !reflect.DeepEqual(got, want) {
			t.Errorf("%q reads as %v, want %v", text, got, want)
		}
		if wrong != "" && err == nil && want != nil && bytes.Equal(text, bytes.ToValidUTF8(text, nil)) {
			t.Errorf("%q is refused: %s", text, wrong)
		}
	})
}
