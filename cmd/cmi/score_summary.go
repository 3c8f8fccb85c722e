package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/customer-momentum/cmi/cmd/cmi/tables"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// mostReasons is how many reasons the summary for people lists.
const mostReasons = 10

// writeScoreSummary says what a run over a table came to.
func writeScoreSummary(to io.Writer, s *tables.Summary, format string) error {
	if format == "json" {
		if err := json.NewEncoder(to).Encode(s); err != nil {
			return fmt.Errorf("the summary cannot be written: %w", err)
		}
		return nil
	}
	fmt.Fprintf(to, "%s: %d scored, %d partial, %d unscored, %d rejected\n", plural(int(s.Rows), "row"),
		s.Statuses["SCORED"], s.Statuses["PARTIAL"], s.Statuses["UNSCORED"], s.Rejected)
	var buckets []string
	for _, b := range bestFirst() {
		if b != cmiv1.Bucket_BUCKET_UNSPECIFIED {
			buckets = append(buckets, fmt.Sprintf("%s %d", bucketName(b), s.Buckets[strings.TrimPrefix(b.String(), "BUCKET_")]))
		}
	}
	fmt.Fprintln(to, strings.Join(buckets, ", "))
	for k, r := range s.Reasons {
		if k == mostReasons {
			fmt.Fprintf(to, "and %d other reasons\n", len(s.Reasons)-k)
			break
		}
		fmt.Fprintln(to, strings.TrimSpace(r.Item+" "+r.Kind)+fmt.Sprintf(": %d, first in row %d", r.Count, r.First))
	}
	return nil
}
