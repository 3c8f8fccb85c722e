package sqlite

import (
	"fmt"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// class is status and bucket in one number below 256. Lists that ask for one of them, or for neither, merge the walks of
// the few classes that fit, so that one index serves them all.
type class int64

// perScope is how far apart the classes of two scopes lie.
const perScope = 256

func classOf(status cmiv1.ScoreStatus, bucket cmiv1.Bucket) class {
	return class(status)<<4 | class(bucket)
}

// split is classOf undone.
func (c class) split() (cmiv1.ScoreStatus, cmiv1.Bucket) {
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

// classesOf answers the classes that a filter lets through.
func classesOf(filter store.ResponseFilter) []class {
	var classes []class
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
