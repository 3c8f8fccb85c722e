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

// CustomerClasses answers the classes of standings that a filter lets through: stable bucket and direction in one number.
func CustomerClasses(f store.CustomerFilter) []int64 {
	var classes []int64
	for _, stable := range buckets() {
		if f.StableBucket != 0 && f.StableBucket != stable {
			continue
		}
		for _, direction := range directions() {
			if f.Direction == 0 || f.Direction == direction {
				classes = append(classes, halves(int64(stable), int64(direction)))
			}
		}
	}
	return classes
}

// EveryCustomerClass is how many classes of standings there are.
func EveryCustomerClass() int { return len(buckets()) * ClassesABucket() }

// ClassesABucket is how many classes of standings share a stable bucket.
func ClassesABucket() int { return len(directions()) }

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

// halves are two small numbers in one.
func halves(high, low int64) int64 { return high<<4 | low }

// Masked is two small numbers in one, and a mask of those that are not 0: those that are asked for.
func Masked(high, low int64) (value, mask int64) {
	if high != 0 {
		mask |= 15 << 4
	}
	if low != 0 {
		mask |= 15
	}
	return halves(high, low), mask
}
