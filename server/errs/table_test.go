package errs_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/errs"
)

// TestEveryReasonHasARow also asserts that code and HTTP status agree with what the comments of errors.proto promise.
func TestEveryReasonHasARow(t *testing.T) {
	t.Parallel()
	rows := map[cmiv1.ErrorReason]errs.Row{}
	for _, r := range errs.Table() {
		if _, twice := rows[r.Reason]; twice {
			t.Errorf("%s has two rows", r.Reason)
		}
		rows[r.Reason] = r
	}
	promised := comments(t)
	for number, name := range cmiv1.ErrorReason_name {
		reason := cmiv1.ErrorReason(number)
		if reason == cmiv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
			continue
		}
		r, ok := rows[reason]
		if !ok {
			t.Errorf("%s has no row", name)
			continue
		}
		comment := promised[name]
		code, ok := firstCode(comment)
		if !ok {
			t.Errorf("errors.proto names no code for %s", name)
		} else if got := errs.CodeName(r.Code); got != code {
			t.Errorf("%s is %s, but errors.proto promises %s", name, got, code)
		}
		if http := regexp.MustCompile(`HTTP (\d{3})`).FindStringSubmatch(comment); http != nil {
			if got := strconv.Itoa(r.HTTP); got != http[1] {
				t.Errorf("%s is HTTP %s, but errors.proto promises %s", name, got, http[1])
			}
		}
		if r.Code == codes.Internal && reason != cmiv1.ErrorReason_INTERNAL_ERROR {
			t.Errorf("%s has no code of its own", name)
		}
	}
}

func TestAnUnlistedReasonIsAFaultOfTheService(t *testing.T) {
	t.Parallel()
	if got := errs.Code(cmiv1.ErrorReason(9999)); got != codes.Internal {
		t.Errorf("got %s", got)
	}
}

// comments reads the comment above each value of ErrorReason.
func comments(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.ReadFile("../../proto/cmi/v1/errors.proto")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	value := regexp.MustCompile(`^\s*([A-Z_]+) = \d+;`)
	var text []string
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSpace(line)
		if comment, ok := strings.CutPrefix(line, "// "); ok {
			text = append(text, comment)
			continue
		}
		if m := value.FindStringSubmatch(line); m != nil {
			out[m[1]] = strings.Join(text, " ")
		}
		text = nil
	}
	return out
}

// firstCode finds the first word in back quotes that is the name of a gRPC code.
func firstCode(comment string) (string, bool) {
	names := map[string]bool{}
	for c := range codes.Code(17) {
		names[errs.CodeName(c)] = true
	}
	for _, m := range regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(comment, -1) {
		if names[m[1]] {
			return m[1], true
		}
	}
	return "", false
}
