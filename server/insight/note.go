package insight

import (
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// sentence makes a note.
func sentence(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// notes are what must be known of any report with this scope.
func (s *scope) notes() []string {
	var notes []string
	if s.filter.GetAccountId() != "" || len(s.filter.GetSegments()) > 0 || s.byProfile() {
		notes = append(notes, "Accounts and segments are those of today's profiles, whatever the time of the response.")
	}
	return notes
}

// byProfile tells whether groups depend on profiles.
func (s *scope) byProfile() bool {
	for _, by := range s.by {
		switch by {
		case byAudience, byLifecycle, byChannel, byCategory, byQuestionnaire:
		default:
			return true
		}
	}
	return false
}

// spoken is a bucket as people call it.
func spoken(bucket cmiv1.Bucket) string {
	switch bucket {
	case cmiv1.Bucket_BUCKET_AT_RISK:
		return "At-Risk"
	case cmiv1.Bucket_BUCKET_GROWTH:
		return "Growth Opportunity"
	default:
		return "Advocate"
	}
}
