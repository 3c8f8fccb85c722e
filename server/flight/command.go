package flight

import (
	"github.com/apache/arrow-go/v18/arrow/flight"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/scores"
	"github.com/customer-momentum/cmi/server/strictjson"
)

// command is what a descriptor or a ticket asks for: to score a table, or, where list is set, for recorded scores.
type command struct {
	plan    scores.Plan
	columns []string
	ignore  []string
	list    *cmiv1.ListScoresRequest
}

// where names the two places that commands stand in, for errors.
const (
	inDescriptor = "descriptor.cmd"
	inTicket     = "ticket"
)

// described reads the command of a descriptor.
func (s *service) described(d *flight.FlightDescriptor) (*command, error) {
	if d.GetType() != flight.DescriptorCMD {
		return nil, invalid("descriptor.type", "a descriptor of the type %s is not allowed; CMD is, with JSON as its command", d.GetType())
	}
	return s.read(d.GetCmd(), inDescriptor)
}

// read reads a command. With "scores" in it, it asks for recorded ones.
func (s *service) read(data []byte, where string) (*command, error) {
	var c command
	var filter rawJSON
	id, version, dryRun := &c.plan.QuestionnaireID, &c.plan.Version, &c.plan.DryRun
	given, err := readObject(data, where, members{
		"questionnaireId": id, "version": version, "dryRun": dryRun, "columns": &c.columns, "ignore": &c.ignore, "scores": &filter,
	})
	if err != nil {
		return nil, err
	}
	c.plan.Path = where
	if !given["scores"] {
		return &c, nil
	}
	for _, name := range []string{"questionnaireId", "version", "dryRun", "ignore"} {
		if given[name] {
			return nil, invalid(where+"."+name, "%s is not allowed beside scores; columns is", name)
		}
	}
	c.list, err = s.filter(filter, where+".scores")
	return &c, err
}

// filter reads which recorded scores are asked for: the filters of ListScores. Its pages are the service's own business here.
func (s *service) filter(data []byte, where string) (*cmiv1.ListScoresRequest, error) {
	var list cmiv1.ListScoresRequest
	if err := strictjson.Unmarshal(data, &list); err != nil {
		return nil, fault.Within(where, err)
	}
	if list.GetPageSize() != 0 || list.GetPageToken() != "" {
		return nil, invalid(where, "pageSize and pageToken are not allowed: all scores that fit are answered, as a stream")
	}
	if err := s.contract.Check(&list); err != nil {
		return nil, fault.Within(where, err)
	}
	return &list, nil
}

func invalid(field, format string, args ...any) error {
	return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, field, format, args...)
}
