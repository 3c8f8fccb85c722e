package tables

import (
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/grpc"

	"github.com/customer-momentum/cmi/server/columnar"
)

// Service is a running service that scores the rows in place of this process, over Arrow Flight, and records them.
type Service struct {
	Conn grpc.ClientConnInterface
	// DryRun scores without recording.
	DryRun bool
	// Patience is how long the service may be away, or answer nothing, before a run gives up; 0: five minutes.
	Patience time.Duration
	// Reconnect has a lost connection tried again without more delay; nil: nothing does.
	Reconnect func()
}

// ServiceError is what a service, or the way to it, answered in place of scores. Batches before it are recorded.
type ServiceError struct{ Err error }

func (e *ServiceError) Error() string { return e.Err.Error() }

// Unwrap answers the error of the call.
func (e *ServiceError) Unwrap() error { return e.Err }

// command is what the service is asked for. It is the same in every run of a job, since a response that comes again must come
// under the same questionnaire and version to be answered from the record.
func (j *Job) command() ([]byte, error) {
	return json.Marshal(struct {
		QuestionnaireID string `json:"questionnaireId"`
		Version         int32  `json:"version"`
		DryRun          bool   `json:"dryRun"`
	}{j.Questionnaire.GetQuestionnaireId(), j.Questionnaire.GetVersion(), j.Service.DryRun})
}

// identified refuses to record responses without ids, before any is sent.
func (j *Job) identified(p *plan, columns *known) error {
	if j.Service == nil || j.Service.DryRun {
		return nil
	}
	for k := range p.fields {
		if p.fields[k].name == columnar.ResponseID && columns.has(p.fields[k].column) {
			return nil
		}
	}
	return fmt.Errorf("to be recorded, every response needs an id: name its column %s, or say in the mapping which it is (responseId: COLUMN); "+
		"only a dry run goes without", columnar.ResponseID)
}
