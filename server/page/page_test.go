package page_test

import (
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/page"
)

type place struct {
	ID string `json:"id"`
	At int64  `json:"at"`
}

func TestTokenCarriesItsPlace(t *testing.T) {
	t.Parallel()
	request := &cmiv1.ListScoresRequest{CustomerId: "c1", PageSize: 10}
	want := place{ID: "r-17", At: 1<<62 + 1}
	token, err := page.Next(request, want)
	if err != nil {
		t.Fatal(err)
	}
	// The size may change from page to page.
	request.PageSize, request.PageToken = 20, token
	var got place
	ok, err := page.Resume(request, &got)
	if err != nil || !ok || got != want {
		t.Fatalf("Resume answered %v, %v with %+v; want true, nil with %+v", ok, err, got, want)
	}
}

func TestTokenOfAnotherListIsRefused(t *testing.T) {
	t.Parallel()
	token, err := page.Next(&cmiv1.ListScoresRequest{CustomerId: "c1"}, place{ID: "r-17"})
	if err != nil {
		t.Fatal(err)
	}
	for name, request := range map[string]page.List{
		"other filter": &cmiv1.ListScoresRequest{CustomerId: "c2", PageToken: token},
		"other list":   &cmiv1.ListResponsesRequest{CustomerId: "c1", PageToken: token},
		"cut off":      &cmiv1.ListScoresRequest{CustomerId: "c1", PageToken: token[:len(token)-5]},
		"not base64":   &cmiv1.ListScoresRequest{CustomerId: "c1", PageToken: "next, please"},
		"not a token":  &cmiv1.ListScoresRequest{CustomerId: "c1", PageToken: "eyJhIjoxfQ"},
	} {
		var p place
		if _, err := page.Resume(request, &p); fault.ReasonOf(err) != cmiv1.ErrorReason_INVALID_PAGE_TOKEN {
			t.Errorf("%s: got %v, want INVALID_PAGE_TOKEN", name, err)
		}
	}
}

func TestNoTokenStartsAtTheBeginning(t *testing.T) {
	t.Parallel()
	var p place
	ok, err := page.Resume(&cmiv1.ListScoresRequest{}, &p)
	if ok || err != nil {
		t.Fatalf("Resume answered %v, %v; want false, nil", ok, err)
	}
	if n := page.Size(&cmiv1.ListScoresRequest{}); n != page.DefaultSize {
		t.Fatalf("Size answered %d, want %d", n, page.DefaultSize)
	}
}

func FuzzResume(f *testing.F) {
	token, err := page.Next(&cmiv1.ListScoresRequest{}, place{ID: "r-17"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("")
	f.Add("bnVsbA")
	f.Fuzz(func(t *testing.T, token string) {
		var p place
		_, err := page.Resume(&cmiv1.ListScoresRequest{PageToken: token}, &p)
		if err != nil && fault.ReasonOf(err) != cmiv1.ErrorReason_INVALID_PAGE_TOKEN {
			t.Fatalf("%q: %v", token, err)
		}
	})
}
