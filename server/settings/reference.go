package settings

import (
	"fmt"
	"strings"
)

// Reference answers docs/settings.md, made from the struct, so that the page cannot lag behind the service.
func Reference() string {
	var b strings.Builder
	b.WriteString(preface)
	group := ""
	for _, f := range fields() {
		if f.group != group {
			group = f.group
			fmt.Fprintf(&b, "\n## %s\n\n| Setting | Environment | Takes | Default | Meaning |\n|---|---|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.spelling(), code(f.env), f.kind(), code(f.shownDefault()), f.help)
	}
	b.WriteString(appendix)
	return b.String()
}

// spelling says how the setting is given: as a flag and a key, or by one of them alone.
func (f field) spelling() string {
	if f.name == "keys" {
		return "`keys` (file only)"
	}
	return "`--" + f.name + "`"
}

func (f field) shownDefault() string {
	if f.fallback == "" && f.kind() == "true or false" {
		return "false"
	}
	return f.fallback
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

const preface = "<!-- Made from server/settings by `cmi settings reference`. Do not edit. -->\n" + `
# Settings

The settings of ` + "`cmi serve`" + `. Each can be given as a flag, as an environment variable or as a key of the settings file that ` + "`--config`" + `
names; the key is the flag without its hyphens in front. A flag wins over an environment variable, that over the file, and that over
the default. Whatever is unknown or does not fit is refused when the service starts, all of it at once.

Traces and metrics follow the standard ` + "`OTEL_*`" + ` variables (` + "`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_EXPORTER`, `OTEL_TRACES_SAMPLER`" + `, ...);
without them no traces are made. Metrics for Prometheus are always at ` + "`/metrics`" + ` of the HTTP address.
`

const appendix = `
## A settings file

` + "```yaml" + `
grpc-address: 0.0.0.0:9090
http-address: 0.0.0.0:8080
store: sqlite:/var/lib/cmi/cmi.db
tls-cert-file: /etc/cmi/tls.crt
tls-key-file: /etc/cmi/tls.key
allowed-hosts: [cmi.example.com]
log-format: json
keys:
  - id: nightly-batch
    sha256: "<printed by cmi keys new>"
    tenant: acme
    scopes: [score]
  - id: analysts
    sha256: "<printed by cmi keys new>"
    tenant: acme
    scopes: [read]
    not_after: "2027-12-31T23:59:59Z"
` + "```" + `

## Keys and scopes

A client sends its key as ` + "`authorization: Bearer ID.SECRET`" + ` (or ` + "`x-api-key: ID.SECRET`" + `), by gRPC and HTTP alike. The file holds only the SHA-256
of the secret. A key opens one tenant, and what its scopes allow; scopes do not imply one another, except that ` + "`admin`" + ` is all of them.

| Scope | Allows |
|---|---|
| ` + "`score`" + ` | scoring and recording responses, one by one, in batches, in streams; recording interactions, outcomes and invitations |
| ` + "`read`" + ` | reading questionnaires, scores and responses, linting, and gRPC reflection |
| ` + "`write`" + ` | creating, changing, publishing and archiving questionnaires, and voiding responses |
| ` + "`admin`" + ` | everything |

Health checks need no key.
`
