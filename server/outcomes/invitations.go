package outcomes

import (
	"context"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
	"github.com/customer-momentum/cmi/server/fault"
)

// RecordInvitations records how many were invited, all of it or, where anything is wrong with any, nothing.
func (o *Outcomes) RecordInvitations(ctx context.Context, tenant string, request *cmiv1.RecordInvitationsRequest) (*cmiv1.RecordInvitationsResponse, error) {
	all := fault.Examine(cmiv1.ErrorReason_INVALID_REQUEST, "")
	kept := make([]*cmiv1.Invitations, len(request.GetInvitations()))
	for i, asked := range request.GetInvitations() {
		f := fault.Examine(cmiv1.ErrorReason_INVALID_REQUEST, fmt.Sprintf("invitations[%d]", i))
		kept[i] = counted(f, asked)
		all.Add(f)
	}
	if err := all.Refusal(); err != nil {
		return nil, err
	}
	changed, err := o.store.RecordInvitations(ctx, tenant, kept)
	if err != nil {
		return nil, fmt.Errorf("record invitations: %w", err)
	}
	return &cmiv1.RecordInvitationsResponse{Changed: int32(changed)}, nil
}

// counted answers invitations as they are kept, their period in whole microseconds, and notes what is wrong with them.
func counted(f *fault.Findings, asked *cmiv1.Invitations) *cmiv1.Invitations {
	const missing = "say from when to when they were invited"
	from, to := whole(f, "from", missing, asked.GetFrom()), whole(f, "to", missing, asked.GetTo())
	if asked.GetFrom().IsValid() && asked.GetTo().IsValid() {
		f.Check(from.AsTime().Before(to.AsTime()), "to", "%s is not after from, %s", to.AsTime().Format(time.RFC3339Nano), from.AsTime().Format(time.RFC3339Nano))
	}
	f.Check(scoring.ValidID(asked.GetQuestionnaireId()), "questionnaire_id", idWords, asked.GetQuestionnaireId())
	_, defined := cmiv1.Channel_name[int32(asked.GetChannel())]
	f.Check(defined && asked.GetChannel() != 0, "channel",
		"%v is not allowed; CHANNEL_FACE_TO_FACE, CHANNEL_ONLINE or CHANNEL_MOBILE_APP is", asked.GetChannel())
	f.Check(asked.GetCount() >= 0, "count", "%d is not a count: a whole number from 0 on", asked.GetCount())
	return &cmiv1.Invitations{
		From: from, To: to, QuestionnaireId: asked.GetQuestionnaireId(), Channel: asked.GetChannel(), Count: asked.GetCount(),
	}
}
