package customers

import (
	"maps"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// segmentPath is how a mask names one segment: this and its key.
const segmentPath = "segments."

// everything is the mask of the whole profile.
const everything = "*"

// mask is the fields of a profile that a request changes.
type mask []string

// parseMask reads an update mask. Without one the whole profile is replaced.
func parseMask(asked *fieldmaskpb.FieldMask) (mask, error) {
	if asked == nil {
		return mask{everything}, nil
	}
	paths := asked.GetPaths()
	if len(paths) == 0 {
		return nil, refuseMask("it names no field")
	}
	for _, path := range paths {
		switch path {
		case "account_id", "segments", "first_seen_at", "closed_at", "spend", "lifecycle_override":
		case everything:
			if len(paths) > 1 {
				return nil, refuseMask("* stands for the whole profile, and alone")
			}
		default:
			if err := checkSegmentPath(path); err != nil {
				return nil, err
			}
		}
	}
	return paths, nil
}

// checkSegmentPath lets only those keys be named one by one that every way to write a mask leaves as they are: JSON turns
// planType into plan_type, so that another segment than the one that was meant would be changed.
func checkSegmentPath(path string) error {
	key, ok := strings.CutPrefix(path, segmentPath)
	if !ok {
		return refuseMask("%.140q is not a field that can be changed", path)
	}
	plain := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
	if key == "" || strings.ContainsFunc(key, func(c rune) bool { return !plain(c) }) {
		return refuseMask("%.140q cannot be named by itself, since only keys of small letters and digits can; name segments", path)
	}
	return nil
}

func refuseMask(format string, args ...any) error {
	return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "update_mask", format+
		"; name account_id, segments, segments.KEY, first_seen_at, closed_at, spend or lifecycle_override, or * for all of them, or leave the mask out", args...)
}

// apply sets each field of the mask in to from its value in from; what from lacks is cleared. The two may share messages
// afterwards, which nobody changes, but no map.
func (m mask) apply(to, from *cmiv1.Customer) {
	for _, path := range m {
		switch path {
		case everything:
			mask{"account_id", "segments", "first_seen_at", "closed_at", "spend", "lifecycle_override"}.apply(to, from)
		case "account_id":
			to.AccountId = from.GetAccountId()
		case "segments":
			to.Segments = maps.Clone(from.GetSegments())
		case "first_seen_at":
			to.FirstSeenAt = from.GetFirstSeenAt()
		case "closed_at":
			to.ClosedAt = from.GetClosedAt()
		case "spend":
			to.Spend = from.GetSpend()
		case "lifecycle_override":
			to.LifecycleOverride = from.GetLifecycleOverride()
		default:
			setSegment(to, from, strings.TrimPrefix(path, segmentPath))
		}
	}
}

func setSegment(to, from *cmiv1.Customer, key string) {
	value, ok := from.GetSegments()[key]
	if !ok {
		delete(to.GetSegments(), key)
		return
	}
	if to.Segments == nil {
		to.Segments = make(map[string]string)
	}
	to.Segments[key] = value
}
