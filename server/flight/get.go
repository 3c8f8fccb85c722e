package flight

import (
	"github.com/apache/arrow-go/v18/arrow/flight"

	"github.com/customer-momentum/cmi/server/columnar"
)

// pageRows is how many recorded scores are read at once, and how many rows the batches of DoGet have: all that a call holds,
// however many scores it answers.
const pageRows = 1000

// DoGet answers recorded scores, the latest submitted first, a page at a time.
func (s *service) DoGet(ticket *flight.Ticket, stream flight.FlightService_DoGetServer) error {
	c, err := s.read(ticket.GetTicket(), inTicket)
	if err != nil {
		return err
	}
	if c.list == nil {
		return invalid(inTicket, `DoGet answers recorded scores, such as {"scores": {"questionnaireId": "..."}}; DoExchange scores a table`)
	}
	recorded, err := columnar.NewRecorded(c.columns)
	if err != nil {
		return refused(inTicket+".columns", err)
	}
	ctx := stream.Context()
	to := newWriter(stream, recorded.Schema(), &s.spare)
	for c.list.PageSize = pageRows; ; {
		page, err := s.scores.List(ctx, tenant(ctx), c.list)
		if err != nil {
			return err
		}
		if len(page.GetScores()) > 0 {
			batch := recorded.Batch(page.GetScores())
			err := to.write(batch, nil)
			batch.Release()
			if err != nil {
				return err
			}
		}
		if c.list.PageToken = page.GetNextPageToken(); c.list.PageToken == "" {
			return to.Close()
		}
	}
}
