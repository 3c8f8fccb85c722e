package population

import "time"

// wave answers when the wave of a number, from 0, begins.
func (p Plan) wave(w int) time.Time {
	return p.Start.UTC().Add(time.Duration(w) * p.Every)
}

// span is how long answers to a wave come in: half of the time to the next one, at most 10 days.
func (p Plan) span() time.Duration { return min(p.Every/2, 10*day).Truncate(time.Second) }

// End answers when the last wave is over: nothing is later, and the lifecycle of [Truth] is that of this moment.
func (p Plan) End() time.Time { return p.wave(p.Waves - 1).Add(p.span()) }

// months is how long it takes from the first wave to the last, in 30 days.
func (p Plan) months() float64 {
	return float64(p.Waves-1) * (float64(p.Every) / float64(month))
}
