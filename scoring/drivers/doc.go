// Package drivers says how much of what moves a target (a score, an item, an outcome) is associated with each of some predictors, by a
// linear model whose explained variance is shared out among them. It does not say that one causes the other.
//
// Like package scoring it does no I/O and reads no clock. What is drawn at random is drawn from a seed: the same rows in the same order
// with the same seed give the same bits, however many processors there are.
package drivers
