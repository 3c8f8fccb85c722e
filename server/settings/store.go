package settings

import (
	"net/url"
	"strings"
)

// storeSchemes are the stores that there are.
func storeSchemes() []string { return []string{"sqlite", "postgres", "postgresql"} }

// storeScheme is what a store's URL begins with; empty where nothing follows it.
func storeScheme(where string) string {
	scheme, rest, _ := strings.Cut(where, ":")
	if rest == "" {
		return ""
	}
	return scheme
}

// WithoutPassword is the URL of a store for people to see. Of one that cannot be parsed only the scheme is shown: there is no
// telling where in it a password stands.
func WithoutPassword(where string) string {
	scheme := storeScheme(where)
	if scheme == "sqlite" {
		return where
	}
	u, err := url.Parse(where)
	if err != nil {
		return scheme + ":..."
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}
