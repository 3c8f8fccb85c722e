//go:build race

package population_test

// raced says that the race detector is on, which makes everything many times slower.
const raced = true
