// Package cmi_test holds the house to its plan: who may know whom, and what there must not be.
package cmi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/customer-momentum/cmi"

// pkg is a package as `go list` describes it. Names within the module are shortened to their folders.
type pkg struct {
	ImportPath string
	Name       string
	Imports    []string
	Deps       []string
}

// packages lists the packages of the module, without their tests.
func packages(t *testing.T) []pkg {
	t.Helper()
	var faults bytes.Buffer
	list := exec.Command("go", "list", "-deps", "-json=ImportPath,Name,Imports,Deps", "./...")
	list.Stderr = &faults
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, faults.String())
	}
	var all []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !within(p.ImportPath, module) || p.ImportPath == module { // that is these tests
			continue
		}
		p.ImportPath = short(p.ImportPath)
		for i := range p.Imports {
			p.Imports[i] = short(p.Imports[i])
		}
		for i := range p.Deps {
			p.Deps[i] = short(p.Deps[i])
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("only %d packages", len(all))
	}
	return all
}

// short answers the folder of a package of this module, behind a dot, and other names as they are.
func short(importPath string) string {
	if within(importPath, module) {
		return "." + strings.TrimPrefix(importPath, module)
	}
	return importPath
}

// within tells whether a package is folder itself or lies in it.
func within(importPath, folder string) bool {
	return importPath == folder || strings.HasPrefix(importPath, folder+"/")
}

// standard tells whether a package is of the standard library: there alone the first part of the path has no dot.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// matches tells whether a package fits one of the patterns, which are as for the go command: "x" is the package alone, "x/..."
// all that is under it as well.
func matches(importPath string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		folder, all := strings.CutSuffix(pattern, "/...")
		return importPath == folder || all && within(importPath, folder)
	})
}

// wires are the ways to the world, of which only the doors know.
func wires(more ...string) []string {
	return append(more, "google.golang.org/grpc/...", "github.com/grpc-ecosystem/...", "net/http/...", "golang.org/x/net/...")
}

// drivers are the packages that keep data, and what they keep it with.
func drivers(more ...string) []string {
	return append(more, "./server/store/sqlite/...", "./server/store/postgres/...", "modernc.org/...", "github.com/jackc/...")
}

// rule forbids packages to know others; both are patterns.
type rule struct {
	why         string
	who, except []string
	not         []string
	// deep forbids to know them by way of others too.
	deep bool
}

func rules() []rule {
	useCases := []string{
		"./server/scores/...", "./server/catalog/...", "./server/customers/...", "./server/calibrations/...", "./server/selection/...",
		"./server/outcomes/...", "./server/insight/...", "./server/operations/...", "./server/recompute/...",
	}
	doors := []string{"./server/api/...", "./server/flight/...", "./server/gateway/...", "./server/chain/..."}
	above := []string{"./server/scores/...", "./server/catalog/...", "./server/store/...", "./scoring/...", "./server/api/...", "./server/flight/...", "./server/gateway/...", "./server/chain/..."}
	return []rule{
		{why: "gen is the ground floor", who: []string{"./gen/..."}, not: []string{"./scoring/...", "./server/...", "./cmd/...", "./examples/..."}, deep: true},
		{why: "scoring stands below the server", who: []string{"./scoring/..."}, not: []string{"./server/...", "./cmd/...", "./examples/..."}, deep: true},
		{
			why: "scoring is arithmetic: no wire, no store, no disk, no clock of its own, no log", who: []string{"./scoring/..."},
			not: wires("net", "os", "io/fs", "database/sql", "log", "log/slog"),
		},
		{why: "the server does not know its command", who: []string{"./server/..."}, not: []string{"./cmd/...", "./examples/..."}, deep: true},
		{why: "only commands stand above the assembly", who: []string{"./..."}, except: []string{"./cmd/..."}, not: []string{"./server"}, deep: true},
		{why: "what is kept does not know how it is scored", who: []string{"./server/store/..."}, not: []string{"./scoring/..."}, deep: true},
		{why: "the use cases know neither wire nor SQL", who: useCases, not: wires("database/sql", "./server/access/...", "./server/errs/...")},
		{why: "the use cases know neither who calls nor who keeps", who: useCases, not: drivers(doors...), deep: true},
		{why: "the doors do not know who keeps", who: doors, not: drivers(), deep: true},
		{
			why: "the gateway goes through chain and services, not around them", who: []string{"./server/gateway/..."},
			not: []string{"./server/api/...", "./server/scores/...", "./server/catalog/...", "./server/access/...", "./scoring/..."}, deep: true,
		},
		{why: "access stands apart, on the ground", who: []string{"./server/access/..."}, not: above, deep: true},
		{why: "telemetry stands apart, on the ground", who: []string{"./server/telemetry/..."}, not: append(above, "./server/access/..."), deep: true},
		{why: "settings are chosen, and choose nothing", who: []string{"./server/settings/..."}, not: above, deep: true},
	}
}

// TestWhoKnowsWhom holds the directions: cmd, server, scoring, gen, and the floors within the server.
func TestWhoKnowsWhom(t *testing.T) {
	t.Parallel()
	all := packages(t)
	for _, r := range rules() {
		bound := 0
		for _, p := range all {
			if !matches(p.ImportPath, r.who) || matches(p.ImportPath, r.except) {
				continue
			}
			bound++
			known := p.Imports
			if r.deep {
				known = p.Deps
			}
			for _, other := range known {
				if matches(other, r.not) {
					t.Errorf("%s knows %s, but %s", p.ImportPath, other, r.why)
				}
			}
		}
		if bound == 0 {
			t.Errorf("no package is bound by the rule that %s", r.why)
		}
	}
}

// TestScoringStandsOnLittle: it imports the standard library, the messages and the mathematics, and nothing else.
func TestScoringStandsOnLittle(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !within(p.ImportPath, "./scoring") {
			continue
		}
		for _, other := range p.Imports {
			if !standard(other) && !matches(other, []string{"./scoring/...", "./gen/cmi/v1", "google.golang.org/protobuf/...", "gonum.org/..."}) {
				t.Errorf("%s imports %s", p.ImportPath, other)
			}
		}
	}
}

// TestDriversAreChosenAtTheTop: no driver of a store knows another, and only the assembly and the commands know any.
func TestDriversAreChosenAtTheTop(t *testing.T) {
	t.Parallel()
	driver := func(importPath string) (name string, ok bool) {
		rest, ok := strings.CutPrefix(importPath, "./server/store/")
		name, _, _ = strings.Cut(rest, "/")
		return name, ok && name != "storetest" && name != "form" && name != "queue"
	}
	found := 0
	for _, p := range packages(t) {
		mine, isDriver := driver(p.ImportPath)
		if isDriver {
			found++
		}
		for _, other := range p.Imports {
			theirs, ok := driver(other)
			if !ok || isDriver && mine == theirs || p.ImportPath == "./server" || within(p.ImportPath, "./cmd") {
				continue
			}
			t.Errorf("%s chooses the driver %s", p.ImportPath, theirs)
		}
	}
	if found == 0 {
		t.Error("there is no driver of a store")
	}
}

// TestRoomsAreNamedAfterWhatTheyDo: a name that fits everything gathers everything.
func TestRoomsAreNamedAfterWhatTheyDo(t *testing.T) {
	t.Parallel()
	nameless := []string{"utils", "util", "common", "helpers", "helper", "pkg", "misc", "shared", "lib", "base", "types"}
	for _, p := range packages(t) {
		for part := range strings.SplitSeq(strings.TrimPrefix(p.ImportPath, "./"), "/") {
			if slices.Contains(nameless, part) {
				t.Errorf("%s: %q says nothing of what is in it", p.ImportPath, part)
			}
		}
		if p.Name != "main" && p.Name != path.Base(p.ImportPath) && !within(p.ImportPath, "./gen") {
			t.Errorf("the package in %s is called %s", p.ImportPath, p.Name)
		}
	}
}

// TestNothingHappensBehindTheBack: no init functions, and no package variables that are there to be changed. What needs
// something is given it.
func TestNothingHappensBehindTheBack(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "gen" || name != "." && strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s: an init function", set.Position(d.Pos()))
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR && !strings.HasSuffix(name, "_test.go") {
					checkVariables(t, set, d)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files were looked at", files)
	}
}

// checkVariables refuses variables that hold nothing yet, or something that is there to be filled.
func checkVariables(t *testing.T, set *token.FileSet, d *ast.GenDecl) {
	t.Helper()
	embedded := func(doc *ast.CommentGroup) bool {
		return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
	}
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || embedded(d.Doc) || embedded(v.Doc) || v.Names[0].Name == "_" {
			continue
		}
		mutable := len(v.Values) == 0
		for _, value := range v.Values {
			switch e := value.(type) {
			case *ast.CallExpr:
				name, plain := e.Fun.(*ast.Ident)
				mutable = mutable || plain && (name.Name == "make" || name.Name == "new")
			case *ast.UnaryExpr:
				mutable = mutable || e.Op == token.AND
			case *ast.CompositeLit:
				_, isMap := e.Type.(*ast.MapType)
				mutable = mutable || isMap && len(e.Elts) == 0
			}
		}
		if mutable {
			t.Errorf("%s: %s is there to be changed", set.Position(v.Pos()), v.Names[0].Name)
		}
	}
}
