package server_test

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server"
	"github.com/customer-momentum/cmi/server/settings"
)

// badStream is one row of what a client must not do on a stream, by gRPC or as JSON lines.
type badStream struct {
	name     string
	messages func(id string) []proto.Message
	// answered is how many chunks are answered before the end.
	answered int
	want     refusal
	field    string
	says     string
}

func badStreams() []badStream {
	open := &cmiv1.StreamScoresRequest{Message: &cmiv1.StreamScoresRequest_Config{Config: &cmiv1.StreamScoresConfig{QuestionnaireId: "hotel"}}}
	// said makes the messages of a stream; each chunk has one good response with an id of its own.
	said := func(messages ...proto.Message) func(string) []proto.Message {
		return func(id string) []proto.Message {
			var all []proto.Message
			for i, m := range messages {
				m = proto.Clone(m)
				if c := m.(*cmiv1.StreamScoresRequest).GetChunk(); c != nil && len(c.GetResponses()) == 0 {
					c.Responses = []*cmiv1.Response{guest(fmt.Sprintf("%s-%d", id, i))}
				}
				all = append(all, m)
			}
			return all
		}
	}
	many := make([]*cmiv1.Response, 1001)
	for i := range many {
		many[i] = &cmiv1.Response{}
	}
	return []badStream{
		{name: "nothing at all", messages: said(), want: streamProtocol, field: "config", says: "the stream ended before its first message"},
		{name: "no config", messages: said(chunk(1)), want: streamProtocol, field: "config", says: "the first message of the stream is its config"},
		{name: "an empty message first", messages: said(&cmiv1.StreamScoresRequest{}), want: streamProtocol, field: "config", says: "the first message"},
		{name: "the config twice", messages: said(open, chunk(1), open, chunk(2)), answered: 1, want: streamProtocol, field: "config", says: "this is a second one"},
		{name: "an empty message", messages: said(open, chunk(1), &cmiv1.StreamScoresRequest{}, chunk(2)), answered: 1,
			want: streamProtocol, field: "chunk", says: "the message is empty"},
		{name: "a gap", messages: said(open, chunk(7), chunk(8), chunk(10)), answered: 2, want: sequenceGap, field: "chunk.sequence",
			says: "10 does not follow 8; 9 does"},
		{name: "a sequence twice", messages: said(open, chunk(7), chunk(7)), answered: 1, want: sequenceGap, field: "chunk.sequence", says: "7 does not follow 7; 8 does"},
		{name: "no sequence", messages: said(open, chunk(0), chunk(0)), answered: 1, want: sequenceGap, field: "chunk.sequence", says: "0 does not follow 0"},
		{name: "a negative sequence", messages: said(open, chunk(-1)), want: sequenceGap, field: "chunk.sequence", says: "-1 is below 0"},
		{name: "beyond the last sequence", messages: said(open, chunk(math.MaxInt32), chunk(math.MinInt32)), answered: 1,
			want: sequenceGap, field: "chunk.sequence", says: "-2147483648 is below 0"},
		{name: "1,001 responses", messages: said(open, chunk(1), chunk(2, many...), chunk(3)), answered: 1, want: invalidRequest,
			field: "chunk.responses", says: "1001 responses in chunk 2; a chunk has at most 1000"},
	}
}

// TestBadStreams breaks the protocol of the stream by gRPC and as lines, over both versions of HTTP: what came before is
// answered and recorded, then comes the error and no summary, and nothing after it is recorded.
func TestBadStreams(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	ways := map[string]func(*testing.T, []proto.Message) (said, []*cmiv1.StreamScoresResponse){
		"gRPC": func(t *testing.T, messages []proto.Message) (said, []*cmiv1.StreamScoresResponse) {
			t.Helper()
			return converse(t, r, messages)
		},
	}
	for version, client := range clients(t) {
		ways[version] = func(t *testing.T, messages []proto.Message) (said, []*cmiv1.StreamScoresResponse) {
			t.Helper()
			return postLines(t, r, client, lines(t, messages...))
		}
	}
	t.Run("ways", func(t *testing.T) {
		for way, send := range ways {
			t.Run(way, func(t *testing.T) {
				t.Parallel()
				for i, row := range badStreams() {
					t.Run(row.name, func(t *testing.T) {
						messages := row.messages(fmt.Sprintf("%s-%d", strings.TrimPrefix(way, "HTTP/"), i))
						got, answers := send(t, messages)
						checkStatus(t, got.failed, row.want, row.field, row.says, got.requestID)
						if len(answers) != row.answered {
							t.Errorf("%d answers, want %d: %v", len(answers), row.answered, answers)
						}
						checkChunks(t, r, messages, answers)
					})
				}
			})
		}
	})
}

// checkChunks checks that the answered chunks are recorded, and no others.
func checkChunks(t *testing.T, r *running, messages []proto.Message, answers []*cmiv1.StreamScoresResponse) {
	t.Helper()
	sent := 0
	for _, m := range messages {
		c := m.(*cmiv1.StreamScoresRequest).GetChunk()
		if c == nil {
			continue
		}
		answered := sent < len(answers)
		if answered && (answers[sent].GetChunk().GetSequence() != c.GetSequence() || len(answers[sent].GetChunk().GetResults()) != len(c.GetResponses())) {
			t.Errorf("chunk %d is answered by %v", c.GetSequence(), answers[sent])
		}
		for _, response := range c.GetResponses() {
			if id := response.GetResponseId(); id != "" {
				wantRecorded(t, r, id, answered)
			}
		}
		sent++
	}
}

// A stream without a chunk, and a chunk without a response, are odd but fine.
func TestEmptyStreamsAreFine(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	open := streamRequests(asked{questionnaireID: "hotel", dryRun: true})
	for n := range open {
		got, answers := converse(t, r, open[:n+1])
		if got.failed != nil || len(answers) != n+1 || answers[n].GetSummary().GetChunks() != int32(n) {
			t.Errorf("%d chunks: %v %v", n, got.failed, answers)
		}
	}
	for version, client := range clients(t) {
		got, answers := postLines(t, r, client, "\n \r\n"+strings.ReplaceAll(lines(t, open...), "\n", "\r\n\r\n"))
		if got.failed != nil || len(answers) != 2 || answers[1].GetSummary() == nil {
			t.Errorf("%s: %v %v", version, got.failed, answers)
		}
	}
}

// smallMessages makes 64 KiB the most that a message, body or line may have.
func smallMessages(s *settings.Settings, _ *server.Options) { s.MaxMessageBytes = 64 << 10 }

func TestLineTooLong(t *testing.T) {
	t.Parallel()
	r := openHotel(t, smallMessages)
	for version, client := range clients(t) {
		t.Run(version, func(t *testing.T) {
			id := strings.TrimPrefix(version, "HTTP/")
			line := func(sequence int, id string) string {
				return fmt.Sprintf(`{"chunk":{"sequence":%d,"responses":[%s]}}`, sequence, guestJSON(id))
			}
			for name, long := range map[string]string{
				"a chunk":      strings.Replace(line(2, id+"-long"), "{", "{"+strings.Repeat(" ", 64<<10), 1),
				"without end":  strings.Repeat("x", 1<<20),
				"white space":  strings.Repeat(" ", 1<<20),
				"one too many": strings.Repeat("x", 64<<10+1),
			} {
				body := strings.Join([]string{`{"config":{"questionnaireId":"hotel"}}`, line(1, id+"-before"), long, line(3, id+"-after")}, "\n")
				got, answers := postLines(t, r, client, body)
				if len(answers) != 1 {
					t.Errorf("%s: what came before is answered by %v", name, answers)
				}
				checkStatus(t, got.failed, tooLarge, "", "line 3 is longer than 65536 bytes; send fewer responses in a chunk", got.requestID)
			}
			wantRecorded(t, r, id+"-before", true)
			wantRecorded(t, r, id+"-long", false)
			wantRecorded(t, r, id+"-after", false)
		})
	}
}

// A body that is cut off after a whole message that has no end of line may have been cut off anywhere: what is there of the
// line is not taken.
func TestBodyCutOffInALine(t *testing.T) {
	t.Parallel()
	r := openHotel(t)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	send := func(text string) {
		if _, err := fmt.Fprintf(conn, "%x\r\n%s\r\n", len(text), text); err != nil {
			t.Error(err)
		}
	}
	if _, err := io.WriteString(conn, "POST /v1/scores:stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	send(`{"config":{"questionnaireId":"hotel"}}` + "\n" + `{"chunk":{"sequence":1,"responses":[` + guestJSON("before") + "]}}\n")
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	defer response.Body.Close()
	answers := bufio.NewReader(response.Body)
	if first, err := answers.ReadString('\n'); err != nil || !strings.Contains(first, `"before"`) {
		t.Fatal(first, err)
	}
	send(`{"chunk":{"sequence":2,"responses":[` + guestJSON("cut") + "]}}")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(answers) // until the service has closed the connection, however that looks from here
	if strings.Contains(string(rest), "summary") {
		t.Errorf("it ended as if all was well: %s", rest)
	}
	wantRecorded(t, r, "before", true)
	wantRecorded(t, r, "cut", false)
}
