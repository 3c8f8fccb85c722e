//go:build race

package gateway_test

// raced says that the race detector watches, which makes everything some ten times slower.
const raced = true
