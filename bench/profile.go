package main

import (
	"strconv"

	"github.com/customer-momentum/cmi/bench/profile"
)

// profile gives every side one more turn for each kind of profile, which is not measured.
func (s *stage) profile() error {
	for i, t := range s.targets {
		suffix := "." + s.rows[0].number + "-" + strconv.Itoa(i) + ".prof"
		var kinds []profile.Order
		if s.options.cpuProfile != "" {
			kinds = append(kinds, profile.Order{CPU: s.options.cpuProfile + suffix})
		}
		if s.options.memProfile != "" {
			// Not at the same time: sampling allocations costs time of its own.
			kinds = append(kinds, profile.Order{Memory: s.options.memProfile + suffix})
		}
		for _, p := range kinds {
			if _, err := t.ask(question{Profile: &p}); err != nil {
				return err
			}
			if _, err := s.measure(i, s.options.seconds); err != nil {
				return err
			}
			if _, err := t.ask(question{Profile: &profile.Order{}}); err != nil {
				return err
			}
		}
	}
	return nil
}
