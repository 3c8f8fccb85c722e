package customers

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// ahead is how far as_of may lie in the future: the clocks of clients are not those of the service.
const ahead = time.Minute

// asOf reads the time that a request asks about; now where it names none. What is known later than now would be foretold and
// is refused.
func (c *Customers) asOf(asked *timestamppb.Timestamp) (time.Time, error) {
	now := c.moment()
	if asked == nil {
		return now, nil
	}
	at, err := instant("as_of", asked)
	if err == nil && at.After(now.Add(ahead)) {
		err = fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "as_of",
			"%s lies in the future; it is %s here", at.Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))
	}
	return at, err
}

// instant reads an optional time in whole microseconds; the zero time stands for none.
func instant(field string, at *timestamppb.Timestamp) (time.Time, error) {
	if at == nil {
		return time.Time{}, nil
	}
	if at.CheckValid() != nil {
		return time.Time{}, fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, field, "not a time between the years 1 and 9999")
	}
	return at.AsTime().Truncate(time.Microsecond), nil
}
