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

// PerPredictor is how many complete rows a model needs for each predictor, where nothing else is asked for. With fewer, shares are those
// of chance as much as of the target.
const PerPredictor = 10

// Needed is how many complete rows a model of some predictors needs.
func Needed(predictors, perPredictor int) int { return max(30, perPredictor*predictors) }

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

// moments are those of its rows without gaps.
func (t Table) moments() *Moments {
	m, row := NewMoments(len(t.Predictors)), make([]float64, len(t.Predictors))
	for i, y := range t.Target {
		for k, column := range t.Predictors {
			row[k] = column[i]
		}
		m.Add(row, y)
	}
	return m
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
	// Predictor is the one that it is about, from 0 on; -1 where it is about none, or about the target.
	Predictor int
	// N is how many complete rows there were.
	N int
}

// Reason is a kind of Unsaid.
type Reason int

// The reasons: too few complete rows, a target or a predictor that is the same for everybody, a predictor that is a sum of others before
// it, no predictors or more than the method takes, columns of different lengths, and figures whose squares are beyond all numbers.
const (
	TooFew Reason = iota + 1
	TargetConstant
	PredictorConstant
	Collinear
	Predictors
	Ragged
	TooLarge
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
	case TooLarge:
		return "there are figures too large to reckon with"
	default:
		return "columns have different numbers of rows"
	}
}

// check looks for what is no table.
func (t Table) check() *Unsaid {
	if len(t.Predictors) == 0 || len(t.Predictors) > MostPredictors {
		return &Unsaid{Reason: Predictors, Predictor: -1, N: len(t.Target)}
	}
	for k, column := range t.Predictors {
		if len(column) != len(t.Target) {
			return &Unsaid{Reason: Ragged, Predictor: k, N: len(t.Target)}
		}
	}
	return nil
}
