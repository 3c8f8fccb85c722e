package form

import (
	"fmt"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// Class is status and bucket in one number below PerScope. Lists that ask for one of them, or for neither, merge the walks
// of the few classes that fit, so that one index serves them all.
type Class int64

// PerScope is how far apart the classes of two scopes lie.
const PerScope = 256

func classOf(status cmiv1.ScoreStatus, bucket cmiv1.Bucket) Class {
	return Class(status)<<4 | Class(bucket)
}

// Split is the status and the bucket of a class.
func (c Class) Split() (cmiv1.ScoreStatus, cmiv1.Bucket) {
	return cmiv1.ScoreStatus(c >> 4), cmiv1.Bucket(c & 15)
}

// known says whether lists would find a score of this status and bucket.
func known(status cmiv1.ScoreStatus, bucket cmiv1.Bucket) error {
	if !slices.Contains(statuses(), status) {
		return fmt.Errorf("status %d is not one that this version knows", status)
	}
	if !slices.Contains(buckets(), bucket) {
		return fmt.Errorf("bucket %d is not one that this version knows", bucket)
	}
	return nil
}

// ResponseClasses answers the classes that a filter lets through.
func ResponseClasses(filter store.ResponseFilter) []Class {
	var classes []Class
	for _, status := range statuses() {
		if filter.Status != 0 && filter.Status != status {
			continue
		}
		for _, bucket := range buckets() {
			if filter.Bucket == 0 || filter.Bucket == bucket {
				classes = append(classes, classOf(status, bucket))
			}
		}
	}
	return classes
}

// CustomerClasses answers the classes of standings that a filter lets through, which are stable buckets.
func CustomerClasses(f store.CustomerFilter) []int64 {
	var classes []int64
	for _, stable := range buckets() {
		if f.StableBucket == 0 || f.StableBucket == stable {
			classes = append(classes, int64(stable))
		}
	}
	return classes
}

// EveryCustomerClass is how many classes of standings there are.
func EveryCustomerClass() int { return len(buckets()) }

func statuses() []cmiv1.ScoreStatus {
	return []cmiv1.ScoreStatus{
		cmiv1.ScoreStatus_SCORE_STATUS_UNSPECIFIED,
		cmiv1.ScoreStatus_SCORE_STATUS_SCORED,
		cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL,
		cmiv1.ScoreStatus_SCORE_STATUS_UNSCORED,
	}
}

func buckets() []cmiv1.Bucket {
	return []cmiv1.Bucket{
		cmiv1.Bucket_BUCKET_UNSPECIFIED,
		cmiv1.Bucket_BUCKET_AT_RISK,
		cmiv1.Bucket_BUCKET_GROWTH,
		cmiv1.Bucket_BUCKET_ADVOCATE,
	}
}

func directions() []cmiv1.Direction {
	return []cmiv1.Direction{
		cmiv1.Direction_DIRECTION_UNSPECIFIED,
		cmiv1.Direction_DIRECTION_RISING,
		cmiv1.Direction_DIRECTION_STEADY,
		cmiv1.Direction_DIRECTION_FALLING,
		cmiv1.Direction_DIRECTION_INSUFFICIENT,
	}
}

// facets are what lists look at while they walk a class: three numbers of four bits.
func facets(direction cmiv1.Direction, lifecycle cmiv1.Lifecycle, bucket cmiv1.Bucket) int64 {
	return int64(direction)<<8 | int64(lifecycle)<<4 | int64(bucket)
}

// FacetsAsked answers the facets that a filter asks for, and a mask of those that it does ask for.
func FacetsAsked(f store.CustomerFilter) (value, mask int64) {
	value = facets(f.Direction, f.Lifecycle, f.Bucket)
	for shift := 0; shift < 12; shift += 4 {
		if value>>shift&15 != 0 {
			mask |= 15 << shift
		}
	}
	return value, mask
}
