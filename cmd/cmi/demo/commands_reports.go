package demo

import (
	"fmt"

	"github.com/customer-momentum/cmi/examples/airline"
	"github.com/customer-momentum/cmi/server"
)

// cmi is how this project runs its own program.
const cmi = "go run ./cmd/cmi"

// reportCommands are calls for the same reports: as tables, as a page, as JSON.
func reportCommands(at server.Addresses, in *Insights) []Command {
	report := func(name, flags string) string {
		return fmt.Sprintf("%s report %s --server %s --questionnaire %s \\\n  %s", cmi, name, at.GRPC, airline.SurveyID, flags)
	}
	commitment := "--target item:" + in.Statements[0].item
	return []Command{
		{"The NPS and satisfaction by why they fly, as a table; --format makes CSV or JSON of any report:",
			report("loyalty", "--group-by segment:"+purposeSegment)},
		{"Whether those who fly on business and for leisure differ:",
			report("compare nps", fmt.Sprintf("--first segment:%[1]s=%[2]s --second segment:%[1]s=%[3]s", purposeSegment, onBusiness, forLeisure))},
		{"Satisfaction against loyalty, with those who are happy but leaving:",
			report("matrix", "--list mercenary --limit 10")},
		{"What goes along with commitment, by touchpoint and by the gap to what was expected:",
			report("drivers", commitment+" --predictor s1..s23") + "\n" + report("drivers", commitment+" --predictor s1:e1..s23:e23")},
		{"The index of heavy and light flyers, as a page with charts that needs no network:",
			report("index", "--group-by segment:"+flyerSegment+" --out flyers.html")},
		{"The loyalty report as JSON:", fmt.Sprintf(`curl -s http://%s/v1/insights/loyalty:report -H 'Content-Type: application/json' -d '{
  "filter": {"questionnaireIds": [%q]}, "groupBy": ["segment:%s"]}'`, at.HTTP, airline.SurveyID, purposeSegment)},
	}
}
