// Package momentum says where a customer stands and where they are heading, from the course of their scores.
//
// [Of] is a pure function of the scores and an explicit time. Times are microseconds since 1970 UTC, within the years 1 to
// 9999; levels are CMI points, 0..100. What cannot be said is absent, never 0.
package momentum

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// day is in microseconds.
const day = 24 * 60 * 60 * 1_000_000

// Point is one score on the course.
type Point struct {
	// At is when it was submitted.
	At     int64
	Status cmiv1.ScoreStatus
	// Bucket and CMI, snapped and 0..100, are those of the score. An UNSCORED one has neither.
	Bucket cmiv1.Bucket
	CMI    float64
	// Growth and Advocate are the thresholds of the questionnaire that scored it: from where on the CMI is in these buckets.
	Growth, Advocate float64
	// SEM is the standard error of measurement in points, by the calibration in force; nil: none is.
	SEM *float64
}

// levelled tells whether the score has a CMI and a bucket.
func (p *Point) levelled() bool {
	return p.Status == cmiv1.ScoreStatus_SCORE_STATUS_SCORED || p.Status == cmiv1.ScoreStatus_SCORE_STATUS_PARTIAL
}

// Course is what the points say together.
type Course struct {
	// Level is the CMI of the latest score that has one; nil: none has.
	Level *float64
	// LevelAt is when that was submitted; 0 without a level.
	LevelAt int64
	// Stale says that the level is older than 365 days. The level itself stays as it is.
	Stale bool
	// Delta is the latest SCORED score minus the SCORED one before; nil below 2 of them.
	Delta *float64
	// RCI is the reliable change index of Delta; nil where there is none.
	RCI *float64
	// Velocity is in points per 30 days; nil below 3 SCORED points, or where all are of the same time.
	Velocity *float64
	// Trend is the test for a trend; nil below 5 SCORED points.
	Trend *Trend
	// Direction is where the customer is heading, Basis on what that rests.
	Direction cmiv1.Direction
	Basis     cmiv1.DirectionBasis
	// Smoothed is the mean of all levels, each weighing half as much for every 180 days of its age; nil without a level.
	Smoothed *float64
	// Bucket is the one of the level, Stable the one to run campaigns by.
	Bucket, Stable cmiv1.Bucket
	// Stables holds the stable bucket after each point; unspecified before the first point with a bucket.
	Stables []cmiv1.Bucket
	// Calibrated says that the direction rests on reliable change, or would if there were calibrations: with 2 to 4 SCORED
	// points.
	Calibrated bool
}

// Of computes the course of the points at a time. The points are in order of time, then of response id; none is later than
// asOf and none is void. A PARTIAL score can be the level, but takes no part in delta, velocity and direction: a missing
// pillar is not a change of heart. An UNSCORED one takes part in nothing.
func Of(points []Point, asOf int64) Course {
	var c Course
	c.level(points, asOf)
	c.stable(points)
	u := gather(points)
	c.change(&u)
	if perMonth, ok := TheilSen(u.at[:u.n], u.cmi[:u.n]); ok {
		c.Velocity = new(perMonth)
	}
	c.head(&u)
	return c
}

// change says how far the latest used point is from the one before.
func (c *Course) change(u *used) {
	if u.n < 2 {
		return
	}
	a, b := u.before, u.last
	c.Delta = new(b.CMI - a.CMI)
	if rci, ok := ReliableChange(a.CMI, b.CMI, a.SEM, b.SEM); ok {
		c.RCI = new(rci)
	}
}
