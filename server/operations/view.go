package operations

import (
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/store"
)

// View makes of an operation what its tenant sees.
func (o *Operations) View(op store.Operation) (*Operation, error) {
	view := &Operation{ID: op.ID, Metadata: &cmiv1.OperationMetadata{
		Kind:          op.Kind,
		State:         op.State,
		CreatedAt:     instant(op.CreatedAt),
		ResponsesDone: int32(op.Done),
	}}
	if op.State != cmiv1.OperationState_OPERATION_STATE_PENDING {
		view.Metadata.Progress = progress(op)
		view.Metadata.ResponsesTotal = proto.Int32(int32(op.Total))
	}
	// A kind that this version does not know belongs to a newer one beside it.
	if kind := o.kinds[op.Kind]; kind != nil {
		if err := kind.Describe(op, view.Metadata); err != nil {
			return nil, fmt.Errorf("describe an operation: %w", err)
		}
	}
	if op.EndedAt == 0 {
		return view, nil
	}
	view.Ended = true
	view.Metadata.EndedAt = instant(op.EndedAt)
	view.Metadata.ExpiresAt = timestamppb.New(time.UnixMicro(op.EndedAt).Add(o.retention))
	var err error
	if op.State == cmiv1.OperationState_OPERATION_STATE_SUCCEEDED {
		view.Response, err = readSuccess(op.Outcome)
	} else {
		view.Failure, err = readFailure(op.Outcome)
	}
	return view, err
}

// progress is 1 only for what succeeded: the last step makes the result from all pieces.
func progress(op store.Operation) float64 {
	const nearly = 0.99
	if op.State == cmiv1.OperationState_OPERATION_STATE_SUCCEEDED {
		return 1
	}
	if op.Total == 0 {
		return 0
	}
	return min(nearly, float64(op.Done)/float64(op.Total))
}

func instant(micros int64) *timestamppb.Timestamp { return timestamppb.New(time.UnixMicro(micros)) }

// success is how a result is kept: as a message that names its type.
func success(result proto.Message) ([]byte, error) {
	packed, err := anypb.New(result)
	if err != nil {
		return nil, fmt.Errorf("pack a result: %w", err)
	}
	return proto.Marshal(packed)
}

func readSuccess(outcome []byte) (*anypb.Any, error) {
	packed := &anypb.Any{}
	if err := proto.Unmarshal(outcome, packed); err != nil {
		return nil, fmt.Errorf("read a result: %w", err)
	}
	return packed, nil
}

// kept is how a failure is kept: what its tenant may see of it.
type kept struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func failure(refusal *fault.Error) []byte {
	body, err := json.Marshal(kept{Reason: refusal.Reason.String(), Message: refusal.Message})
	if err != nil {
		return nil // two strings are always JSON
	}
	return body
}

func readFailure(outcome []byte) (*fault.Error, error) {
	var k kept
	if err := json.Unmarshal(outcome, &k); err != nil {
		return nil, fmt.Errorf("read a failure: %w", err)
	}
	return fault.New(cmiv1.ErrorReason(cmiv1.ErrorReason_value[k.Reason]), "%s", k.Message), nil
}
