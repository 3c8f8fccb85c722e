package insight

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// report reads a request. Its errors name the fields of the request.
func (i *Insight) report(ctx context.Context, tenant string, request proto.Message) (report, error) {
	switch r := request.(type) {
	case *cmiv1.GetLoyaltyReportRequest:
		return i.loyalty(ctx, tenant, r)
	case *cmiv1.CompareLoyaltyRequest:
		return i.comparison(ctx, tenant, r)
	case *cmiv1.GetLoyaltyMatrixRequest:
		return i.matrix(ctx, tenant, r)
	case *cmiv1.GetIndexReportRequest:
		return i.index(ctx, tenant, r)
	case *cmiv1.CompareWavesRequest:
		return i.waves(ctx, tenant, r)
	case *cmiv1.CompareChannelsRequest:
		return i.channels(ctx, tenant, r)
	case *cmiv1.GetTransitionsRequest:
		return i.transitions(ctx, tenant, r)
	case *cmiv1.GetAnswerReportRequest:
		return i.answers(ctx, tenant, r)
	case *cmiv1.AnalyzeDriversRequest:
		return i.drivers(ctx, tenant, r)
	case *cmiv1.LinkOutcomesRequest:
		return i.links(ctx, tenant, r)
	case *cmiv1.ForecastRevenueRequest:
		return i.revenue(ctx, tenant, r)
	default:
		return nil, fmt.Errorf("%T asks for no report", request)
	}
}

// answerOf makes the report that is asked for, within a call.
func answerOf[T proto.Message](ctx context.Context, i *Insight, tenant string, request proto.Message) (answer T, err error) {
	r, err := i.report(ctx, tenant, request)
	if err != nil {
		return answer, err
	}
	said, err := i.make(ctx, r)
	if err != nil {
		return answer, err
	}
	return said.(T), nil
}
