package flight

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/customer-momentum/cmi/server/columnar"
	"github.com/customer-momentum/cmi/server/scores"
)

// mostWhy is how many bytes the errors of a batch may have before only their reasons are kept: more would not fit into a message.
const mostWhy = 4 << 20

// lane has all that it takes to score one batch at a time.
type lane struct {
	binding *columnar.Binding
	table   *scores.Table
	results *columnar.Results
}

// newLane makes a lane for batches of a schema.
func newLane(run *scores.Run, c *command, schema *arrow.Schema) (*lane, error) {
	table, err := run.Table()
	if err != nil {
		return nil, err
	}
	binding, err := columnar.Bind(table.Scorer(), schema, c.ignore)
	if err != nil {
		return nil, refused("schema", err)
	}
	if !c.plan.DryRun && !binding.Heads().Responses() {
		return nil, invalid("schema", "to record responses, the table needs a column %s of their ids, of the client's choice; only a dry run goes without",
			columnar.ResponseID)
	}
	results, err := columnar.NewResults(c.columns)
	if err != nil {
		return nil, refused(inDescriptor+".columns", err)
	}
	table.MostWhy = mostWhy
	return &lane{binding, table, results}, nil
}

// score scores a batch. Its results share the lane's memory.
func (l *lane) score(ctx context.Context, batch arrow.RecordBatch) (arrow.RecordBatch, error) {
	if err := l.binding.Set(batch, l.table.Columns()); err != nil {
		return nil, err
	}
	if err := l.table.Score(ctx, int(batch.NumRows()), l.binding.Heads(), l.results.Errors()); err != nil {
		return nil, err
	}
	return l.results.Batch(&l.table.Scores, l.table.Why), nil
}
