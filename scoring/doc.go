// Package scoring turns answers into the Customer Momentum Index (CMI).
//
// [Compile] checks a questionnaire once, naming every fault, and makes a [Scorer]; the scorer then scores any number of
// responses, concurrently. What is computed, in short:
//
//   - each answer becomes an item score of 0..100, by the item's scale (rating.go, choice.go, count.go, behaviour.go);
//   - each pillar (ECI, BEI, FII) scores the weighted mean of its answered items, and is missing when too little of what
//     applies was answered (evaluate.go);
//   - the CMI is the weighted mean of the present pillars, and falls into a bucket (bucket.go);
//   - an explanation says what each item brings, and what would raise the CMI (explain.go);
//   - what a customer does may be measured from recorded interactions, and kept with the score (needs.go, measured.go);
//   - a calibration says how sure a CMI is (calibrate.go; package reliability makes one);
//   - a change says step by step why a later CMI differs from an earlier one (change.go).
//
// Every result is a pure function of the questionnaire and the response: the package does no I/O, reads no clock, keeps no
// state and draws no random numbers. Sums run in the questionnaire's order, and products are converted explicitly
// before they are added, so that the compiler may not fuse the two and change bits between machines. "Snapped" means
// rounded to 1e-9, which takes away what binary fractions add: three pillars of 50 make 50, not 49.99999999999999.
//
// An answer outside its scale is an error that names the item, the value and what is allowed ([Invalid]); it is never
// clamped, and no number means "missing".
package scoring
