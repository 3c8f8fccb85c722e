package demo

import (
	"cmp"
	"context"
	"math"
	"slices"

	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Course is how somebody moved and why.
type Course struct {
	Trajectory *cmiv1.Trajectory
	// Change is from the survey to the last wave; Items and Facets are its parts, the largest in its own direction first.
	Change *cmiv1.Change
	Items  []*cmiv1.ItemChange
	Facets []FacetChange
}

// FacetChange is what the items of one facet brought together, in points of the CMI.
type FacetChange struct {
	Facet  string
	Points float64
}

// course answers how somebody moved, and why the last score differs from the survey's.
func course(ctx context.Context, conn grpc.ClientConnInterface, id string) (*Course, error) {
	went, err := cmiv1.NewCustomerServiceClient(conn).GetTrajectory(ctx, &cmiv1.GetTrajectoryRequest{CustomerId: id})
	if err != nil {
		return nil, failed("the course of "+id+" was not read", err)
	}
	points := went.GetTrajectory().GetPoints()
	explained, err := cmiv1.NewScoringServiceClient(conn).ExplainChange(ctx, &cmiv1.ExplainChangeRequest{
		CustomerId: id, FromResponseId: points[0].GetScore().GetResponseId(),
	})
	if err != nil {
		return nil, failed("the change of "+id+" was not explained", err)
	}
	c := &Course{Trajectory: went.GetTrajectory(), Change: explained.GetChange()}
	c.Items = largest(c.Change)
	c.Facets = moved(c.Change)
	return c, nil
}

// largest are the items that moved in the direction of the whole, the largest first; equal ones keep their order.
func largest(change *cmiv1.Change) []*cmiv1.ItemChange {
	way := math.Copysign(1, change.GetDelta())
	items := slices.DeleteFunc(slices.Clone(change.GetItems()), func(it *cmiv1.ItemChange) bool { return it.GetChange()*way <= 0 })
	slices.SortStableFunc(items, func(a, b *cmiv1.ItemChange) int { return cmp.Compare(b.GetChange()*way, a.GetChange()*way) })
	return items
}

// moved adds changes up by facet, the largest in the direction of the whole first; an item without a facet stands for itself.
func moved(change *cmiv1.Change) []FacetChange {
	way := math.Copysign(1, change.GetDelta())
	var facets []FacetChange
	for _, it := range change.GetItems() {
		name := cmp.Or(it.GetFacet(), it.GetItemId())
		at := slices.IndexFunc(facets, func(f FacetChange) bool { return f.Facet == name })
		if at < 0 {
			at = len(facets)
			facets = append(facets, FacetChange{Facet: name})
		}
		facets[at].Points += it.GetChange()
	}
	slices.SortStableFunc(facets, func(a, b FacetChange) int { return cmp.Compare(b.Points*way, a.Points*way) })
	return facets
}
