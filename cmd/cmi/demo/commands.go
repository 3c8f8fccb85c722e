package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
)

// grpcurl is how this project runs grpcurl.
const grpcurl = "go tool -modfile=tools/go.mod grpcurl"

// Command is something to try against the running service: a sentence and what to paste into a shell.
type Command struct {
	About, Shell string
}

// commands are the first calls by JSON and by gRPC, over a recorded response.
func commands(at server.Addresses, q *cmiv1.Questionnaire, sample *cmiv1.Response) ([]Command, error) {
	answers, err := answersJSON(sample)
	if err != nil {
		return nil, err
	}
	http, id := "http://"+at.HTTP, sample.GetResponseId()
	return []Command{
		{"Read a recorded score and why it is what it is:", fmt.Sprintf("curl -s %s/v1/scores/%s:explain", http, id)},
		{"Score a response as a dry run, which records nothing:", dryRun(http, q.GetQuestionnaireId(), answers)},
		{"Stream responses, one JSON message a line; any number of chunks may follow:", ndjson(http, q.GetQuestionnaireId(), answers)},
		{"What if connection weighed double? The recorded responses under a draft:", whatIf(http, q.GetQuestionnaireId())},
		{"The same service by gRPC; reflection tells grpcurl what there is:", fmt.Sprintf("%s -plaintext %s list\n%s -plaintext -d '{\"response_id\": \"%s\"}' \\\n  %s cmi.v1.ScoringService/ExplainScore",
			grpcurl, at.GRPC, grpcurl, id, at.GRPC)},
	}, nil
}

// momentumCommands are calls about where customers are heading: about one of them, and about those who fall fastest among
// the holders of the same card.
func momentumCommands(at server.Addresses, m *Momentum) []Command {
	http, id := "http://"+at.HTTP, m.shown()
	card := m.Whole.GetCustomer().GetSegments()["card"]
	return []Command{
		{"The course of a customer: every score, level, velocity, direction and how sure that is:",
			fmt.Sprintf("curl -s %s/v1/customers/%s/trajectory", http, id)},
		{"What moved the customer since the survey; without a query, since the last wave:",
			fmt.Sprintf("curl -s '%s/v1/customers/%s:explainChange?fromResponseId=airline-%s'", http, id, id)},
		{"Who falls fastest among the holders of the same card, with a limit on chance:",
			fmt.Sprintf("curl -s '%s/v1/customers?direction=DIRECTION_FALLING&maxPValue=%g'\\\n'&orderBy=velocity&segments=card%%3D%s&readMask=customerId,standing'", http, mostP, card)},
		{"The same course by gRPC:", fmt.Sprintf("%s -plaintext -d '{\"customer_id\": \"%s\"}' \\\n  %s cmi.v1.CustomerService/GetTrajectory",
			grpcurl, id, at.GRPC)},
	}
}

// whatIf makes a draft with other weights, has the recorded responses scored under it, and waits for the comparison.
func whatIf(http, questionnaireID string) string {
	return fmt.Sprintf(`at=%s/v1 json='Content-Type: application/json'
curl -s -o /dev/null -X PATCH $at/questionnaires/%s -H "$json" -d '{
  "questionnaire": {"pillarWeights": {"eci": 2, "bei": 1, "fii": 1}},
  "updateMask": "pillarWeights"}'
curl -s -o /dev/null $at/scores:recompute -H "$json" -d '{
  "operationId": "connection-double", "questionnaireId": %[2]q,
  "version": 2, "groupBy": ["segments.card"]}'
curl -s $at/operations/connection-double:wait -H "$json" -d '{}'`, http, questionnaireID)
}

func dryRun(http, questionnaireID string, answers []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -s %s/v1/scores -H 'Content-Type: application/json' -d '{\n", http)
	fmt.Fprintf(&b, "  \"questionnaireId\": %q, \"dryRun\": true, \"response\": {\"answers\": [\n", questionnaireID)
	for _, line := range lines(answers, 4) {
		b.WriteString("    " + quoteInside(line) + "\n")
	}
	b.WriteString("  ]}}'")
	return b.String()
}

// ndjson joins one long line of JSON out of several quoted pieces, since a line break would end the message.
func ndjson(http, questionnaireID string, answers []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "printf '%%s\\n' '{\"config\": {\"questionnaireId\": %q, \"dryRun\": true}}' \\\n", questionnaireID)
	b.WriteString("'{\"chunk\": {\"sequence\": 1, \"responses\": [{\"responseId\": \"r1\", \"answers\": ['\\\n")
	for _, line := range lines(answers, 4) {
		b.WriteString("'" + quoteInside(line) + "'\\\n")
	}
	fmt.Fprintf(&b, "']}]}}' | curl -sN %s/v1/scores:stream \\\n", http)
	b.WriteString("  -H 'Content-Type: application/x-ndjson' --data-binary @-")
	return b.String()
}

// quoteInside makes text fit for single quotes in a shell.
func quoteInside(text string) string { return strings.ReplaceAll(text, "'", `'\''`) }

// lines puts pieces of a JSON list into lines that leave room for an indent within the width.
func lines(pieces []string, indent int) []string {
	var all []string
	line := ""
	for i, piece := range pieces {
		if i < len(pieces)-1 {
			piece += ","
		}
		switch {
		case line == "":
			line = piece
		case len(line)+1+len(piece) <= width-indent:
			line += " " + piece
		default:
			all = append(all, line)
			line = piece
		}
	}
	return append(all, line)
}

// answersJSON writes each answer of a response as JSON.
func answersJSON(r *cmiv1.Response) ([]string, error) {
	var all []string
	for _, a := range r.GetAnswers() {
		text, err := compactJSON(a)
		if err != nil {
			return nil, fmt.Errorf("answer to %q: %w", a.GetItemId(), err)
		}
		all = append(all, text)
	}
	return all, nil
}

// compactJSON writes a message on one line, with white space that does not vary from build to build as protojson's does.
func compactJSON(m proto.Message) (string, error) {
	data, err := protojson.Marshal(m)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		return "", err
	}
	return b.String(), nil
}
