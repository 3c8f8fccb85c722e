package drivers

import (
	"fmt"
	"math"
)

// Table is what a model is made of: the target, and a column for each predictor, row by row of the same respondents. NaN is missing.
type Table struct {
	Target     []float64
	Predictors [][]float64
}

// Needed is how many complete rows a model of some predictors needs.
func Needed(predictors int) int { return max(30, 10*predictors) }

// Complete drops each row in which anything is missing, and answers how many were dropped.
func (t Table) Complete() (complete Table, dropped int) {
	complete.Predictors = make([][]float64, len(t.Predictors))
	for row, y := range t.Target {
		if !t.whole(row) {
			dropped++
			continue
		}
		complete.Target = append(complete.Target, y)
		for k, column := range t.Predictors {
			complete.Predictors[k] = append(complete.Predictors[k], column[row])
		}
	}
	return complete, dropped
}

func (t Table) whole(row int) bool {
	if math.IsNaN(t.Target[row]) {
		return false
	}
	for _, column := range t.Predictors {
		if math.IsNaN(column[row]) {
			return false
		}
	}
	return true
}

// Unsaid is why a model says nothing.
type Unsaid struct {
	Reason Reason
	// Predictor is the one that it is about, from 0 on; -1 where it is about none.
	Predictor int
	// N is how many complete rows there were.
	N int
}

// Reason is a kind of Unsaid.
type Reason int

// The reasons: too few complete rows, a target or a predictor that is the same for everybody, a predictor that is a sum of others before
// it, no predictors or more than the method takes, and columns of different lengths.
const (
	TooFew Reason = iota + 1
	TargetConstant
	PredictorConstant
	Collinear
	Predictors
	Ragged
)

func (u *Unsaid) Error() string {
	switch u.Reason {
	case TooFew:
		return fmt.Sprintf("%d complete rows are too few", u.N)
	case TargetConstant:
		return "the target is the same in every row"
	case PredictorConstant:
		return fmt.Sprintf("predictor %d is the same in every row", u.Predictor)
	case Collinear:
		return fmt.Sprintf("predictor %d is a combination of those before it", u.Predictor)
	case Predictors:
		return "so many predictors are not allowed"
	default:
		return "columns have different numbers of rows"
	}
}

// check looks for what would make a model meaningless.
func (t Table) check() *Unsaid {
	if len(t.Predictors) == 0 || len(t.Predictors) > MostPredictors {
		return &Unsaid{Reason: Predictors, Predictor: -1, N: len(t.Target)}
	}
	for k, column := range t.Predictors {
		if len(column) != len(t.Target) {
			return &Unsaid{Reason: Ragged, Predictor: k, N: len(t.Target)}
		}
	}
	if len(t.Target) < Needed(len(t.Predictors)) {
		return &Unsaid{Reason: TooFew, Predictor: -1, N: len(t.Target)}
	}
	return nil
}
