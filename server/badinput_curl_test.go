package server_test

import (
	"bytes"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// curl loses an answer that comes before it has sent its body, where the stream is then reset; Go's own client does not, so
// it takes curl to see that the reason arrives.
func TestCurlHearsThatItsBodyIsTooLarge(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("this is about what curl hears, and there is no curl here")
	}
	r := start(t)
	big := bytes.Repeat([]byte("x"), 50<<20)
	for _, version := range []string{"--http1.1", "--http2-prior-knowledge"} {
		for _, encoding := range []string{"of known length", "Transfer-Encoding: chunked"} {
			args := []string{"-sS", version, "-w", " %{http_code}", "-H", "Content-Type: application/json", "--data-binary", "@-"}
			if strings.HasSuffix(encoding, "chunked") {
				args = append(args, "-H", encoding)
			}
			command := exec.CommandContext(t.Context(), curl, append(args, "http://"+r.HTTP+"/v1/scores")...)
			command.Stdin = bytes.NewReader(big)
			said, err := command.CombinedOutput()
			text := string(said)
			if err != nil || !strings.Contains(text, "REQUEST_TOO_LARGE") || !strings.HasSuffix(text, " 413") {
				t.Errorf("%s, %s: %v, %.300s; want REQUEST_TOO_LARGE and %d", version, encoding, err, text, http.StatusRequestEntityTooLarge)
			}
		}
	}
}
