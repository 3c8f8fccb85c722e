package settings

import "testing"

func TestPasswordsAreNotShown(t *testing.T) {
	t.Parallel()
	for where, want := range map[string]string{
		"sqlite:/var/lib/cmi/cmi.db":               "sqlite:/var/lib/cmi/cmi.db",
		"sqlite:odd%name?.db":                      "sqlite:odd%name?.db",
		"postgres://cmi:geheim@db/cmi":             "postgres://cmi:xxxxx@db/cmi",
		"postgres://cmi@db/cmi?password=geheim":    "postgres://cmi@db/cmi?password=xxxxx",
		"postgresql://cmi@db/cmi?sslmode=require":  "postgresql://cmi@db/cmi?sslmode=require",
		"postgres://cmi:ge%heim@db/cmi":            "postgres:...",
		"postgres://cmi:ge heim/@db:x/cmi?geheim=": "postgres:...",
	} {
		if got := WithoutPassword(where); got != want {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
}
