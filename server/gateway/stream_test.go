package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
	"github.com/customer-momentum/cmi/server/gateway"
)

const (
	configLine = `{"config":{"questionnaireId":"q","dryRun":true}}` + "\n"
	ndjson     = "application/x-ndjson"
)

type scoreStream = grpc.BidiStreamingServer[cmiv1.StreamScoresRequest, cmiv1.StreamScoresResponse]

func chunkLine(sequence int) string {
	return fmt.Sprintf(`{"chunk":{"sequence":%d,"responses":[{"responseId":"r%d"}]}}`+"\n", sequence, sequence)
}

// talk is a stream that is written and read by hand.
type talk struct {
	t    *testing.T
	out  *io.PipeWriter
	resp *http.Response
	in   *bufio.Reader
	stop context.CancelFunc
}

// open starts a stream and waits for its headers before anything is written.
func (s site) open(t *testing.T, c *http.Client) *talk {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	read, write := io.Pipe()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/scores:stream", read)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", ndjson)
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { write.Close(); resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != ndjson || resp.Header.Get("X-Request-Id") == "" {
		t.Fatalf("%s %v", resp.Status, resp.Header)
	}
	return &talk{t: t, out: write, resp: resp, in: bufio.NewReader(resp.Body), stop: cancel}
}

func (k *talk) write(text string) {
	k.t.Helper()
	if _, err := io.WriteString(k.out, text); err != nil {
		k.t.Fatal(err)
	}
}

func (k *talk) line() string {
	k.t.Helper()
	text, err := k.in.ReadString('\n')
	if err != nil {
		k.t.Fatalf("%.200q: %v", text, err)
	}
	return text
}

// end asserts that nothing more comes.
func (k *talk) end() {
	k.t.Helper()
	if rest, err := io.ReadAll(k.in); err != nil || len(rest) > 0 {
		k.t.Errorf("after the last line: %q, %v", rest, err)
	}
}

// answered reads one line and says what it is.
type answered struct {
	Chunk *struct {
		Sequence int
		Results  []json.RawMessage
	}
	Summary *struct{ Chunks int }
	Error   json.RawMessage
}

func parse(t testing.TB, line string) answered {
	t.Helper()
	var a answered
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		t.Fatalf("%.200q: %v", line, err)
	}
	return a
}

func TestStreamIsFullDuplex(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	overBoth(t, func(t *testing.T, c *http.Client) {
		k := at.open(t, c)
		k.write(configLine)
		for i := range 20 {
			k.write(chunkLine(i))
			if a := parse(t, k.line()); a.Chunk == nil || a.Chunk.Sequence != i || len(a.Chunk.Results) != 1 {
				t.Fatalf("chunk %d was answered with %+v", i, a)
			}
		}
		k.out.Close()
		if a := parse(t, k.line()); a.Summary == nil || a.Summary.Chunks != 20 {
			t.Fatalf("%+v", a)
		}
		k.end()
	})
}

func TestStreamOfOneRequest(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	overBoth(t, func(t *testing.T, c *http.Client) {
		for name, body := range map[string]string{
			"as it should be":        configLine + chunkLine(1) + chunkLine(2),
			"blank lines":            "\n \r\n" + configLine + "\n\n" + chunkLine(1) + "\t\n" + chunkLine(2) + "\n",
			"CRLF":                   strings.ReplaceAll(configLine+chunkLine(1)+chunkLine(2), "\n", "\r\n"),
			"no end of line at last": strings.TrimSuffix(configLine+chunkLine(1)+chunkLine(2), "\n"),
		} {
			answer := at.do(t, c, "POST", "/v1/scores:stream", body, "Content-Type", ndjson)
			lines := strings.SplitAfter(strings.TrimSuffix(answer.body, "\n"), "\n")
			if answer.code != 200 || len(lines) != 3 || parse(t, lines[2]).Summary == nil {
				t.Errorf("%s: %d %q", name, answer.code, answer.body)
			}
		}
	})
}

// TestStreamOfAClientThatWritesEverythingFirst is the client that reads nothing before it has written all: many libraries,
// and every browser, are like that.
func TestStreamOfAClientThatWritesEverythingFirst(t *testing.T) {
	t.Parallel()
	const chunks, each = 100, 10_000 / 10
	at := start(t, &services{}, nil)
	for _, protocol := range []string{"HTTP/1.1", "h2c"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			k := at.open(t, client(t, protocol))
			k.write(configLine)
			for i := range chunks {
				k.write(bigChunk(i, each))
			}
			k.out.Close()
			results := 0
			for i := range chunks {
				a := parse(t, k.line())
				if a.Chunk == nil || a.Chunk.Sequence != i {
					t.Fatalf("%d: %+v", i, a)
				}
				results += len(a.Chunk.Results)
			}
			if a := parse(t, k.line()); a.Summary == nil || results != chunks*each {
				t.Errorf("%d results, %+v", results, a)
			}
			k.end()
		})
	}
}

func bigChunk(sequence, responses int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"chunk":{"sequence":%d,"responses":[`, sequence)
	for i := range responses {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"responseId":"response-%d-%d"}`, sequence, i)
	}
	b.WriteString("]}}\n")
	return b.String()
}

// TestMillionAnswers writes without reading along, in another goroutine, while answers are read as they come.
func TestMillionAnswers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a million answers take a while")
	}
	chunks, each := 1000, 1000
	if raced {
		chunks = 100
	}
	at := start(t, &services{}, nil)
	overBoth(t, func(t *testing.T, c *http.Client) {
		k := at.open(t, c)
		go func() {
			defer k.out.Close()
			_, _ = io.WriteString(k.out, configLine)
			for i := range chunks {
				if _, err := io.WriteString(k.out, bigChunk(i, each)); err != nil {
					return
				}
			}
		}()
		results := 0
		for range chunks {
			results += strings.Count(k.line(), `"score"`)
		}
		if a := parse(t, k.line()); a.Summary == nil || results != chunks*each {
			t.Errorf("%d results, %+v", results, a)
		}
	})
}

func TestAnswersThatNobodyReads(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, func(o *gateway.Options) { o.SpoolBytes = 4 << 20 })
	overBoth(t, func(t *testing.T, c *http.Client) {
		k := at.open(t, c)
		k.write(configLine)
		const chunks = 400
		for i := range chunks { // 400 times some 60 KB of answers: far more than spool and sockets hold
			k.write(bigChunk(i, 1000))
		}
		k.out.Close()
		next := 0
		for {
			a := parse(t, k.line())
			if a.Chunk != nil {
				if a.Chunk.Sequence != next {
					t.Fatalf("chunk %d came after %d", a.Chunk.Sequence, next-1)
				}
				next++
				continue
			}
			if a.Error == nil || reasonOf(t, string(a.Error)) != "ANSWERS_NOT_READ" {
				t.Fatalf("%+v", a)
			}
			break
		}
		if next == 0 || next == chunks {
			t.Errorf("%d answers came before the error", next)
		}
		k.end()
	})
}

// TestASlowReaderIsNotRefused reads little by little what is much more than the spool holds, while the writer would go on
// faster: it must be held back instead.
func TestASlowReaderIsNotRefused(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, func(o *gateway.Options) { o.SpoolBytes = 3 << 20 })
	overBoth(t, func(t *testing.T, c *http.Client) {
		k := at.open(t, c)
		chunks := 300
		if raced {
			chunks = 150
		}
		go func() {
			defer k.out.Close()
			_, _ = io.WriteString(k.out, configLine)
			for i := range chunks {
				if _, err := io.WriteString(k.out, bigChunk(i, 1000)); err != nil {
					return
				}
			}
		}()
		for i := range chunks {
			if a := parse(t, k.line()); a.Chunk == nil || a.Chunk.Sequence != i {
				t.Fatalf("%d: %+v %s", i, a, a.Error)
			}
			time.Sleep(2 * time.Millisecond)
		}
		if a := parse(t, k.line()); a.Summary == nil {
			t.Errorf("%+v", a)
		}
	})
}

func TestMalformedLineInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]struct{ line, reason, says string }{
		"no JSON":         {"not json\n", "MALFORMED_JSON", "line 4, column 1"},
		"unknown field":   {`{"chunk":{"sequenze":3}}` + "\n", "MALFORMED_JSON", "chunk.sequenze"},
		"two messages":    {`{"chunk":{"sequence":3}} {}` + "\n", "MALFORMED_JSON", "nothing may follow"},
		"both of one":     {`{"config":{},"chunk":{}}` + "\n", "MALFORMED_JSON", "config is given already"},
		"too long":        {`{"chunk":{"sequence":3,"responses":[` + strings.Repeat(" ", 70_000) + "]}}\n", "REQUEST_TOO_LARGE", "line 4 is longer"},
		"cut, well ended": {`{"chunk":{"sequ`, "MALFORMED_JSON", "ends in the middle"},
		"bad UTF-8":       {"{\"chunk\":{\"responses\":[{\"responseId\":\"\xff\"}]}}\n", "MALFORMED_JSON", "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &services{stream: slowEcho}
			at := start(t, s, func(o *gateway.Options) { o.MaxLineBytes = 64 << 10 })
			for _, protocol := range []string{"HTTP/1.1", "h2c"} {
				body := configLine + chunkLine(1) + chunkLine(2) + bad.line
				if strings.HasSuffix(bad.line, "\n") {
					body += chunkLine(3) + chunkLine(4)
				}
				answer := at.do(t, client(t, protocol), "POST", "/v1/scores:stream", body, "Content-Type", ndjson)
				lines := strings.SplitAfter(strings.TrimSuffix(answer.body, "\n"), "\n")
				if answer.code != 200 || len(lines) != 3 {
					t.Fatalf("%s: %d %q", protocol, answer.code, answer.body)
				}
				for i, line := range lines[:2] {
					if a := parse(t, line); a.Chunk == nil || a.Chunk.Sequence != i+1 {
						t.Errorf("%s: %q", protocol, line)
					}
				}
				last := parse(t, lines[2])
				if last.Error == nil || reasonOf(t, string(last.Error)) != bad.reason || !strings.Contains(string(last.Error), bad.says) {
					t.Errorf("%s: %q", protocol, lines[2])
				}
			}
			if n, err := s.ended(); n != 2 || err == nil {
				t.Errorf("%d calls ended, the last with %v: it must not look like a clean end", n, err)
			}
		})
	}
}

// slowEcho answers with delay, so that a bad line is met long before the chunks in front of it are answered.
func slowEcho(stream scoreStream) error {
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if req.GetChunk() == nil {
			continue
		}
		time.Sleep(30 * time.Millisecond)
		if err := stream.Send(answer(req.GetChunk())); err != nil {
			return err
		}
	}
}

// TestMalformedLineIsToldAtOnce has a client that keeps its side open.
func TestMalformedLineIsToldAtOnce(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	overBoth(t, func(t *testing.T, c *http.Client) {
		k := at.open(t, c)
		k.write(configLine + chunkLine(7) + "?\n")
		if a := parse(t, k.line()); a.Chunk == nil || a.Chunk.Sequence != 7 {
			t.Fatalf("%+v", a)
		}
		if a := parse(t, k.line()); a.Error == nil {
			t.Fatalf("%+v", a)
		}
		k.end()
	})
}

// TestMalformedLineOfAClientThatWritesEverythingFirst sends much more after the bad line than sockets hold.
func TestMalformedLineOfAClientThatWritesEverythingFirst(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	overBoth(t, func(t *testing.T, c *http.Client) {
		k := at.open(t, c)
		k.write(configLine + "?\n")
		for i := range 300 {
			if _, err := io.WriteString(k.out, bigChunk(i, 1000)); err != nil {
				break // the client of HTTP/2 is told to stop
			}
		}
		k.out.Close()
		if a := parse(t, k.line()); a.Error == nil || reasonOf(t, string(a.Error)) != "MALFORMED_JSON" {
			t.Fatalf("%+v", a)
		}
	})
}

func TestErrorsBeforeTheFirstByteHaveAStatusOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		code int
	}{
		"no key":     {fault.New(cmiv1.ErrorReason_KEY_MISSING, "A key is needed."), 401},
		"no scope":   {fault.New(cmiv1.ErrorReason_SCOPE_MISSING, "The key lacks the scope."), 403},
		"draining":   {&fault.Error{Reason: cmiv1.ErrorReason_SERVER_DRAINING, Message: "Come back.", RetryAfter: 1500 * time.Millisecond}, 503},
		"unforeseen": {errors.New("secret"), 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := start(t, &services{err: tc.err}, nil)
			overBoth(t, func(t *testing.T, c *http.Client) {
				answer := at.do(t, c, "POST", "/v1/scores:stream", configLine+chunkLine(1), "Content-Type", ndjson)
				if answer.code != tc.code || strings.Contains(answer.body, "secret") || answer.header.Get("Content-Type") != "application/json" {
					t.Errorf("%d %s", answer.code, answer.body)
				}
				if tc.code == 401 && answer.header.Get("WWW-Authenticate") == "" {
					t.Error("no WWW-Authenticate")
				}
				if tc.code == 503 && answer.header.Get("Retry-After") != "2" {
					t.Errorf("Retry-After %q", answer.header.Get("Retry-After"))
				}
			})
		})
	}
}

// TestErrorOfTheConfigHasAStatusWhenTheHandlerWaits has a handler that looks at the config before it sends its header.
func TestErrorOfTheConfigHasAStatusWhenTheHandlerWaits(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, func(o *gateway.Options) {
		o.Conn = (&lateHeader{}).channel()
		o.HeaderHold = 20 * time.Second
	})
	overBoth(t, func(t *testing.T, c *http.Client) {
		answer := at.do(t, c, "POST", "/v1/scores:stream", configLine, "Content-Type", ndjson)
		if answer.code != 404 || answer.reason(t) != "QUESTIONNAIRE_NOT_FOUND" {
			t.Errorf("%d %s", answer.code, answer.body)
		}
		answer = at.do(t, c, "POST", "/v1/scores:stream", "{]\n", "Content-Type", ndjson)
		if answer.code != 400 || answer.reason(t) != "MALFORMED_JSON" {
			t.Errorf("%d %s", answer.code, answer.body)
		}
	})
}

// TestHeadersComeWithoutAnyInput has a handler that says nothing before it has read.
func TestHeadersComeWithoutAnyInput(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, func(o *gateway.Options) {
		o.Conn = (&lateHeader{}).channel()
		o.HeaderHold = 20 * time.Millisecond
	})
	overBoth(t, func(t *testing.T, c *http.Client) {
		k := at.open(t, c)
		k.write(configLine)
		if a := parse(t, k.line()); a.Error == nil || reasonOf(t, string(a.Error)) != "QUESTIONNAIRE_NOT_FOUND" {
			t.Errorf("%+v", a)
		}
		k.end()
	})
}

func TestErrorInTheMiddleComesAfterTheAnswers(t *testing.T) {
	t.Parallel()
	s := &services{stream: func(stream scoreStream) error {
		for range 3 {
			if _, err := stream.Recv(); err != nil {
				return err
			}
		}
		if err := stream.Send(answer(&cmiv1.ResponseChunk{Sequence: 1})); err != nil {
			return err
		}
		return fault.New(cmiv1.ErrorReason_SEQUENCE_GAP, "The sequence has a gap.")
	}}
	at := start(t, s, nil)
	overBoth(t, func(t *testing.T, c *http.Client) {
		k := at.open(t, c)
		k.write(configLine + chunkLine(1) + chunkLine(3))
		if a := parse(t, k.line()); a.Chunk == nil {
			t.Fatalf("%+v", a)
		}
		if a := parse(t, k.line()); a.Error == nil || reasonOf(t, string(a.Error)) != "SEQUENCE_GAP" {
			t.Fatalf("%+v", a)
		}
		k.end()
	})
}

func TestAClientThatDisconnectsCancelsTheCall(t *testing.T) {
	t.Parallel()
	for _, halfClosed := range []bool{false, true} {
		t.Run(fmt.Sprintf("body ended %t", halfClosed), func(t *testing.T) {
			t.Parallel()
			overBoth(t, func(t *testing.T, c *http.Client) {
				cancelled := make(chan error, 1)
				s := &services{stream: func(stream scoreStream) error {
					<-stream.Context().Done()
					cancelled <- stream.Context().Err()
					return stream.Context().Err()
				}}
				at := start(t, s, nil)
				k := at.open(t, c)
				k.write(configLine)
				if halfClosed {
					k.out.Close()
					time.Sleep(50 * time.Millisecond)
				}
				k.stop()
				k.resp.Body.Close() // the client of HTTP/2 does not look at its context while it waits for more to write
				select {
				case <-cancelled: //nolint:errcheck // it carries why, which is of no matter here
				case <-time.After(10 * time.Second):
					t.Fatal("the call goes on")
				}
			})
		})
	}
}

// TestBodyCutOffInMidLine closes only the writing half of the connection, so that the answers can still be read.
func TestBodyCutOffInMidLine(t *testing.T) {
	t.Parallel()
	s := &services{}
	at := start(t, s, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(at.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sent := configLine + chunkLine(1) + `{"chunk":{"sequence":2}}`
	fmt.Fprintf(conn, "POST /v1/scores:stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", ndjson, len(sent)+100, sent)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(conn)
	if !strings.Contains(string(text), "broke off") || strings.Contains(string(text), "summary") {
		t.Errorf("%s", text)
	}
	if _, err := s.ended(); err == nil {
		t.Error("the call was taken for a clean end")
	}
}

// TestAClientThatNeverReadsIsGivenUp leaves a connection with full sockets alone.
func TestAClientThatNeverReadsIsGivenUp(t *testing.T) {
	t.Parallel()
	s := &services{stream: func(stream scoreStream) error {
		for {
			if err := stream.Send(answer(&cmiv1.ResponseChunk{Sequence: 1, Responses: make([]*cmiv1.Response, 1000)})); err != nil {
				return err
			}
		}
	}}
	at := start(t, s, func(o *gateway.Options) {
		o.SpoolBytes = 2 << 20
		o.Stall = 300 * time.Millisecond
	})
	overBoth(t, func(t *testing.T, c *http.Client) {
		_ = at.open(t, c)
		deadline := time.Now().Add(20 * time.Second)
		for n, _ := s.ended(); n < 1; n, _ = s.ended() {
			if time.Now().After(deadline) {
				t.Fatal("the call goes on")
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

// TestConnectionServesOnAfterAStream uses one connection for a stream and for calls after it.
func TestConnectionServesOnAfterAStream(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, func(o *gateway.Options) { o.Stall = 50 * time.Millisecond })
	c := client(t, "HTTP/1.1")
	c.Transport.(*http.Transport).MaxConnsPerHost = 1
	for range 3 {
		if answer := at.do(t, c, "POST", "/v1/scores:stream", configLine+chunkLine(1), "Content-Type", ndjson); answer.code != 200 {
			t.Fatal(answer)
		}
		time.Sleep(100 * time.Millisecond)
		if answer := at.do(t, c, "GET", "/v1/scores/r1", ""); answer.code != 200 {
			t.Fatal(answer)
		}
	}
}

func TestExpectContinue(t *testing.T) {
	t.Parallel()
	at := start(t, &services{}, nil)
	c := client(t, "HTTP/1.1")
	c.Transport.(*http.Transport).ExpectContinueTimeout = 10 * time.Second
	begin := time.Now()
	answer := at.do(t, c, "POST", "/v1/scores:stream", configLine+chunkLine(1), "Content-Type", ndjson, "Expect", "100-continue")
	if answer.code != 200 || !strings.Contains(answer.body, "summary") || time.Since(begin) > 8*time.Second {
		t.Errorf("%v after %s", answer, time.Since(begin))
	}
}
