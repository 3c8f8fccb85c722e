package demo

import (
	"cmp"
	"context"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// highFrom is from where on satisfaction and loyalty are high.
const highFrom = 70.0

// askMatrix sets satisfaction against loyalty, and reads who has one without the other.
func (in *Insights) askMatrix(ctx context.Context, client cmiv1.InsightServiceClient) error {
	for _, one := range []struct {
		quadrant cmiv1.Quadrant
		listed   *[]*cmiv1.PlacedCustomer
	}{
		{cmiv1.Quadrant_QUADRANT_HOSTAGE, &in.Hostages}, {cmiv1.Quadrant_QUADRANT_MERCENARY, &in.Mercenaries},
	} {
		request := &cmiv1.GetLoyaltyMatrixRequest{
			Filter: inSurvey(nil), SatisfactionCut: new(highFrom), LoyaltyCut: new(highFrom), List: one.quadrant, PageSize: pageSize,
		}
		for {
			page, err := client.GetLoyaltyMatrix(ctx, request)
			if err != nil {
				return failed("satisfaction was not set against loyalty", err)
			}
			if len(page.GetGroups()) > 0 { // pages after the first have customers only
				in.Matrix, in.SatisfactionItems = page.GetGroups()[0], page.GetSatisfactionItems()
			}
			*one.listed = append(*one.listed, page.GetCustomers()...)
			if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
				break
			}
		}
		byContrast(*one.listed)
	}
	return nil
}

// byContrast puts those first whose satisfaction and loyalty lie farthest apart; equal ones go by customer.
func byContrast(all []*cmiv1.PlacedCustomer) {
	apart := func(c *cmiv1.PlacedCustomer) float64 { return math.Abs(c.GetSatisfaction() - c.GetLoyalty()) }
	slices.SortFunc(all, func(a, b *cmiv1.PlacedCustomer) int {
		return cmp.Or(cmp.Compare(apart(b), apart(a)), cmp.Compare(a.GetCustomerId(), b.GetCustomerId()))
	})
}
