package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/customer-momentum/cmi/server/settings"
	"github.com/customer-momentum/cmi/server/store"
	"github.com/customer-momentum/cmi/server/store/postgres"
	"github.com/customer-momentum/cmi/server/store/sqlite"
)

// openStore opens the store that the URL names.
func openStore(ctx context.Context, where string) (store.Store, error) {
	scheme, rest, _ := strings.Cut(where, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return sqlite.Open(ctx, rest)
	case scheme == "postgres" || scheme == "postgresql":
		s, err := postgres.Open(ctx, where)
		if err != nil {
			return nil, fmt.Errorf("store %s: %w", settings.WithoutPassword(where), err)
		}
		return s, nil
	}
	return nil, fmt.Errorf("store %q: say sqlite:FILE, such as sqlite:cmi.db, or postgres://USER@HOST/DATABASE", settings.WithoutPassword(where))
}
