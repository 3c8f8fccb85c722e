package main

import (
	"fmt"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// bucketFlag is a bucket on the command line; its zero value is none.
type bucketFlag struct{ cmiv1.Bucket }

// UnmarshalText reads it.
func (b *bucketFlag) UnmarshalText(text []byte) error {
	switch string(text) {
	case "at-risk":
		b.Bucket = cmiv1.Bucket_BUCKET_AT_RISK
	case "growth":
		b.Bucket = cmiv1.Bucket_BUCKET_GROWTH
	case "advocate":
		b.Bucket = cmiv1.Bucket_BUCKET_ADVOCATE
	default:
		return fmt.Errorf("%q is not a bucket; advocate, growth and at-risk are", text)
	}
	return nil
}

// bucketName is a bucket for people.
func bucketName(b cmiv1.Bucket) string {
	switch b {
	case cmiv1.Bucket_BUCKET_AT_RISK:
		return "At-Risk"
	case cmiv1.Bucket_BUCKET_GROWTH:
		return "Growth Opportunity"
	case cmiv1.Bucket_BUCKET_ADVOCATE:
		return "Advocate"
	}
	return "no CMI"
}

// bestFirst are all buckets, and none as the last.
func bestFirst() []cmiv1.Bucket {
	return []cmiv1.Bucket{
		cmiv1.Bucket_BUCKET_ADVOCATE, cmiv1.Bucket_BUCKET_GROWTH, cmiv1.Bucket_BUCKET_AT_RISK, cmiv1.Bucket_BUCKET_UNSPECIFIED,
	}
}
