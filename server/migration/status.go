package migration

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// Status is which versions there are, and which of them a store has.
type Status struct {
	Have     int64 // the version of the store; 0 where nothing was set up
	Want     int64 // the newest that the program knows
	Versions []Version
}

// Version is one version of a schema.
type Version struct {
	Number  int64
	Name    string // empty where only a newer program knows it
	Applied bool
	At      time.Time // when it was applied
}

// Current tells whether the store has the schema of the program.
func (s Status) Current() bool { return s.Have == s.Want }

// After are the versions that the store has after one of them.
func (s Status) After(number int64) []Version {
	var after []Version
	for _, v := range s.Versions {
		if v.Applied && v.Number > number {
			after = append(after, v)
		}
	}
	return after
}

// Status reads which versions were applied. It writes nothing, so it may be asked while others use the database.
func (s *Schema) Status(ctx context.Context) (Status, error) {
	status := known(s.provider.ListSources())
	var there bool
	if err := s.db.QueryRowContext(ctx, s.set.HasTable, s.set.Table).Scan(&there); err != nil || !there {
		return status, err
	}
	//nolint:gosec // the name of the table is the driver's own
	rows, err := s.db.QueryContext(ctx, "SELECT version_id, tstamp FROM "+s.set.Table+" WHERE version_id > 0 ORDER BY version_id, id")
	if err != nil {
		return status, err
	}
	for rows.Next() {
		var number int64
		var at time.Time
		if err := rows.Scan(&number, &at); err != nil {
			return status, errors.Join(err, rows.Close())
		}
		status.apply(number, at)
	}
	return status, errors.Join(rows.Err(), rows.Close())
}

// known is the status of a store in which nothing was set up.
func known(sources []*goose.Source) Status {
	var s Status
	for _, source := range sources {
		v := version(source)
		s.Versions = append(s.Versions, v)
		s.Want = max(s.Want, v.Number)
	}
	return s
}

// apply notes that the store has a version.
func (s *Status) apply(number int64, at time.Time) {
	i := slices.IndexFunc(s.Versions, func(v Version) bool { return v.Number == number })
	if i < 0 {
		i = len(s.Versions)
		s.Versions = append(s.Versions, Version{Number: number})
	}
	s.Versions[i].Applied, s.Versions[i].At = true, at.UTC()
	s.Have = max(s.Have, number)
}

// version is what the name of a file says.
func version(source *goose.Source) Version {
	_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(source.Path), path.Ext(source.Path)), "_")
	return Version{Number: source.Version, Name: strings.ReplaceAll(name, "_", " ")}
}

func (s Status) has(number int64) bool {
	return number == 0 || slices.ContainsFunc(s.Versions, func(v Version) bool { return v.Number == number })
}

func (s Status) newer() error {
	return fmt.Errorf("it has schema %d, this program knows schemas up to %d: use the newer version that wrote it", s.Have, s.Want)
}

// CheckUp says why the store cannot be brought forward to a version.
func (s Status) CheckUp(to int64) error {
	switch {
	case s.Have > s.Want:
		return s.newer()
	case to > s.Want || to < 0 || !s.has(to):
		return fmt.Errorf("there is no schema %d: this program knows schemas up to %d", to, s.Want)
	case to < s.Have:
		return fmt.Errorf("it has schema %d already: cmi migrate down takes it back to %d", s.Have, to)
	}
	return nil
}

// CheckDown says why the store cannot be taken back to a version.
func (s Status) CheckDown(to int64) error {
	switch {
	case s.Have > s.Want:
		return s.newer()
	case to < 0 || !s.has(to):
		return fmt.Errorf("there is no schema %d: this program knows schemas up to %d", to, s.Want)
	case to > s.Have:
		return fmt.Errorf("it has schema %d only: cmi migrate up brings it forward to %d", s.Have, to)
	}
	return nil
}
