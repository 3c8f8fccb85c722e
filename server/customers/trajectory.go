package customers

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/momentum"
	"github.com/customer-momentum/cmi/server/store"
)

// defaultPoints is how many points a trajectory lists where the request does not say.
const defaultPoints = 1000

// Trajectory answers the course of a customer's scores in one series up to a time. It is the same to the last bit in whatever
// order the responses came.
func (c *Customers) Trajectory(ctx context.Context, tenant string, request *cmiv1.GetTrajectoryRequest) (*cmiv1.Trajectory, error) {
	at, err := c.asOf(request.GetAsOf())
	if err != nil {
		return nil, err
	}
	id, series, most := request.GetCustomerId(), request.GetSeries(), int(request.GetMaxPoints())
	if most == 0 {
		most = defaultPoints
	}
	latest, err := c.latestScore(ctx, tenant, id, at, func(*cmiv1.Score) bool { return true })
	if err != nil {
		return nil, err
	}
	if latest == nil {
		// Nobody has no course; somebody may.
		if err := c.known(ctx, tenant, id); err != nil {
			return nil, err
		}
	}
	if series == "" {
		series = latest.GetSeries()
	}
	steps, err := c.steps(ctx, tenant, id, series, at, most)
	if err != nil {
		return nil, err
	}
	course, err := c.course(ctx, tenant, steps, at)
	if err != nil {
		return nil, err
	}
	answer := trajectory(&course)
	answer.CustomerId, answer.Series, answer.AsOf = id, series, timestamppb.New(at)
	answer.TotalPoints = int32(min(len(steps), math.MaxInt32))
	for i := max(0, len(steps)-most); i < len(steps); i++ {
		answer.Points = append(answer.Points, &cmiv1.TrajectoryPoint{
			Score:        steps[i].score,
			Used:         steps[i].Status == cmiv1.ScoreStatus_SCORE_STATUS_SCORED,
			StableBucket: course.Stables[i],
		})
	}
	return answer, nil
}

// step is one score on the way.
type step struct {
	store.Point
	responseID string
	score      *cmiv1.Score // nil where it is too early to be listed
}

// steps reads the scores in a series, in order. It holds on to as many whole scores as are listed, and to those of the same
// microsecond as the earliest of them.
func (c *Customers) steps(ctx context.Context, tenant, customerID, series string, at time.Time, most int) ([]step, error) {
	var steps []step
	err := c.eachScore(ctx, tenant, customerID, at, func(score *cmiv1.Score) bool {
		if score.GetSeries() != series {
			return true
		}
		s := step{Point: pointOf(score), responseID: score.GetResponseId()}
		if len(steps) < most || s.At == steps[most-1].At {
			s.score = score
		}
		steps = append(steps, s)
		return true
	})
	slices.SortFunc(steps, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.responseID, b.responseID))
	})
	return steps, err
}

func pointOf(score *cmiv1.Score) store.Point {
	return store.Point{
		At: submitted(score), Status: score.GetStatus(), Bucket: score.GetBucket(), CMI: score.GetCmi(),
		QuestionnaireID: score.GetQuestionnaireId(), Version: score.GetQuestionnaireVersion(),
	}
}

// course computes the figures of all steps.
func (c *Customers) course(ctx context.Context, tenant string, steps []step, at time.Time) (momentum.Course, error) {
	by, points := c.yardsticks(at), make([]momentum.Point, len(steps))
	for i := range steps {
		p := &steps[i].Point
		stick, err := by.get(ctx, version{tenant, p.QuestionnaireID, p.Version})
		if err != nil {
			return momentum.Course{}, err
		}
		points[i] = stick.point(p)
	}
	return momentum.Of(points, at.UnixMicro()), nil
}

// trajectory puts a course in the form of the contract.
func trajectory(course *momentum.Course) *cmiv1.Trajectory {
	t := &cmiv1.Trajectory{
		Level: course.Level, Stale: course.Stale, Delta: course.Delta, ReliableChangeIndex: course.RCI,
		Velocity: course.Velocity, Direction: course.Direction, DirectionBasis: course.Basis,
		SmoothedLevel: course.Smoothed, Bucket: course.Bucket, StableBucket: course.Stable,
	}
	if course.Level != nil {
		t.LevelAt = timestamppb.New(time.UnixMicro(course.LevelAt).UTC())
	}
	if course.RCI != nil {
		t.ReliableChange = new(math.Abs(*course.RCI) >= momentum.Reliable)
	}
	if trend := course.Trend; trend != nil {
		t.MannKendall = &cmiv1.MannKendall{S: int32(trend.S), Z: new(trend.Z), PValue: new(trend.P)}
	}
	return t
}
