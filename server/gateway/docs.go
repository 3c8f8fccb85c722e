package gateway

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"github.com/swaggest/swgui/v5/static"
)

const (
	docsPath = "/docs/"

	docsPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Customer Momentum Index</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" type="image/png" href="favicon-32x32.png" sizes="32x32">
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
`
	docsStart = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  defaultModelsExpandDepth: -1,
  validatorUrl: null
});
`
	// docsPolicy allows the page the files of this server and nothing else. Styles are allowed in line, because Swagger UI
	// writes some, and so are the pictures that its style sheet carries within.
	docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// docs is the page to read the document and to try it. All of it comes from this program: nothing is fetched from elsewhere,
// and a policy keeps the page from doing so.
type docs struct{ files map[string]docsFile }

// docsFile is one file of the page, plain or as gzip.
type docsFile struct {
	kind   string
	data   []byte
	zipped bool
}

func newDocs() (*docs, error) {
	const script = "text/javascript; charset=utf-8"
	d := &docs{files: map[string]docsFile{
		"":         {kind: "text/html; charset=utf-8", data: []byte(docsPage)},
		"start.js": {kind: script, data: []byte(docsStart)},
	}}
	for name, kind := range map[string]string{
		"swagger-ui.css":       "text/css; charset=utf-8",
		"swagger-ui-bundle.js": script,
	} {
		data, err := fs.ReadFile(static.FS, name+".gz")
		if err != nil {
			return nil, fmt.Errorf("gateway: the page of the document: %w", err)
		}
		d.files[name] = docsFile{kind: kind, data: data, zipped: true}
	}
	icon, err := fs.ReadFile(static.FS, "favicon-32x32.png")
	if err != nil {
		return nil, fmt.Errorf("gateway: the page of the document: %w", err)
	}
	d.files["favicon-32x32.png"] = docsFile{kind: "image/png", data: icon}
	return d, nil
}

// has tells whether there is a file of the page at a path.
func (d *docs) has(path string) bool {
	name, within := strings.CutPrefix(path, docsPath)
	if d == nil || !within {
		return false
	}
	_, there := d.files[name]
	return there
}

func (d *docs) serve(w http.ResponseWriter, r *http.Request) {
	file := d.files[strings.TrimPrefix(r.URL.Path, docsPath)]
	h := w.Header()
	h.Set("Content-Security-Policy", docsPolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Type", file.kind)
	if !file.zipped {
		_, _ = w.Write(file.data) // the client may have gone
		return
	}
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		_, _ = w.Write(file.data) // the client may have gone
		return
	}
	if plain, err := gzip.NewReader(bytes.NewReader(file.data)); err == nil {
		_, _ = io.Copy(w, plain) //nolint:gosec // a file of this program; and the client may have gone
	}
}
