package report

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"google.golang.org/protobuf/proto"
)

// checkPage checks that a page is well-formed, stands alone, and tells its pictures to those who do not see them.
func checkPage(t *testing.T, text string) {
	t.Helper()
	nested(t, text)
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]*html.Node)
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.DataAtom == atom.Script || n.DataAtom == atom.Img || n.DataAtom == atom.Link || n.DataAtom == atom.Iframe {
			t.Errorf("the page has <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || strings.HasSuffix(a.Key, "href") || a.Key != "xmlns" && strings.Contains(a.Val, "javascript:") {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
		if id := attribute(n, "id"); id != "" {
			if ids[id] != nil {
				t.Errorf("two elements are called %q", id)
			}
			ids[id] = n
		}
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "svg" {
			named(t, ids, n)
		}
	}
}

// named checks that a picture has a name and words.
func named(t *testing.T, ids map[string]*html.Node, svg *html.Node) {
	t.Helper()
	if attribute(svg, "role") != "img" {
		t.Error("a picture is not said to be one")
	}
	for _, by := range []string{"aria-labelledby", "aria-describedby"} {
		of := ids[attribute(svg, by)]
		if of == nil || of.Parent != svg || strings.TrimSpace(content(of)) == "" {
			t.Errorf("a picture has no %s", by)
		}
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// content is the text in a node.
func content(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// nested checks that every element ends where it should: a parser would mend it and say nothing.
func nested(t *testing.T, text string) {
	t.Helper()
	void := []string{"meta", "br", "hr"}
	var open []string
	tokens := html.NewTokenizer(strings.NewReader(text))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("%v never end", open)
			}
			return
		case html.StartTagToken:
			if name, _ := tokens.TagName(); !slices.Contains(void, string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := tokens.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> ends %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// TestPages of all kinds are sound, and have a table for each picture.
func TestPages(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, request, response proto.Message) {
		w := write(t, request, response)
		sound(t, w)
		if strings.Count(w.html, "<svg class=\"wide\"") == 0 || strings.Count(w.html, "<svg class=\"wide\"") != strings.Count(w.html, "<svg class=\"narrow\"") {
			t.Error("not every picture is there wide and narrow")
		}
		root, err := html.Parse(strings.NewReader(w.html))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if n.DataAtom != atom.Section {
				continue
			}
			tables, pictures := 0, 0
			for c := range n.Descendants() {
				if c.DataAtom == atom.Table {
					tables++
				}
				if c.Data == "svg" {
					pictures++
				}
			}
			if pictures > 0 && tables == 0 {
				t.Errorf("%s has pictures and no table", attribute(n, "aria-labelledby"))
			}
		}
		for _, words := range []string{"As of", "How to read this", "cause", "suppressed", "interval"} {
			if !strings.Contains(strings.ToLower(w.html), strings.ToLower(words)) {
				t.Errorf("the page does not speak of %q", words)
			}
		}
	})
}

// TestPageKeepsPicturesInInk: no picture has a colour or a font of its own, which the dark scheme could not change.
func TestPageKeepsPicturesInInk(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, request, response proto.Message) {
		page := write(t, request, response).html
		_, body, _ := strings.Cut(page, "</style>")
		if strings.Contains(body, "#0000") || strings.Contains(body, "font-family") || strings.Contains(body, "currentColor") {
			t.Error("a picture has a colour or a font of its own")
		}
		for _, i := range allInks() {
			if !strings.Contains(page, "--"+string(i)+": ") {
				t.Errorf("the style sheet does not know %s", i)
			}
		}
	})
}

// TestBucketsHaveTheSameColoursEverywhere in pictures and legends.
func TestBucketsHaveTheSameColoursEverywhere(t *testing.T) {
	t.Parallel()
	for _, fixture := range []string{"index", "transitions", "outcomes", "revenue"} {
		request, response := fixtures()[fixture]()
		page := write(t, request, response).html
		for _, b := range buckets() {
			if !strings.Contains(page, "fill:var(--"+string(bucketInk(b))+")") && fixture != "outcomes" {
				t.Errorf("%s has no %s", fixture, bucketLabel(b).shown)
			}
		}
	}
}
