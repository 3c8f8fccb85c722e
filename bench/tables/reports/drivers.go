package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// variables are the columns of a model: the touchpoints, and at last the target.
func variables() (names []string) {
	for k := range touchpoints {
		names = append(names, touchpoint(k))
	}
	return append(names, "fii")
}

// driverNames are what the statement answers: how many respondents and complete ones there are, the means of the variables, and the
// upper half of the matrix of their covariances.
func driverNames() []string {
	names := append([]string{"asked", "n"}, variables()...)
	for a, first := range variables() {
		for _, second := range variables()[a:] {
			names = append(names, first+" "+second)
		}
	}
	return names
}

func driversSQL() string {
	all := variables()
	var whole, figures []string
	for _, name := range all {
		whole = append(whole, name+" IS NOT NULL")
		figures = append(figures, "avg("+name+") FILTER (whole)")
	}
	for a, first := range all {
		for _, second := range all[a:] {
			figures = append(figures, fmt.Sprintf("covar_pop(%s, %s) FILTER (whole)", first, second))
		}
	}
	return fmt.Sprintf("SELECT count(*), count(*) FILTER (whole), %s\nFROM (SELECT *, %s AS whole\nFROM %s)",
		strings.Join(figures, ",\n  "), strings.Join(whole, " AND "), latest(anyone))
}

// driverFigures makes of a row what the service says of a model.
func driverFigures(row []float64) findings {
	width := touchpoints + 1
	covariances, rest := make([][]float64, width), row[2+width:]
	for a := range covariances {
		covariances[a] = make([]float64, width)
		for b := a; b < width; b++ {
			covariances[a][b], rest = rest[0], rest[1:]
		}
	}
	all := findings{"n": row[1], "dropped": row[0] - row[1]}
	for k := range touchpoints {
		all.put(touchpoint(k), " mean", 10*row[2+k]) // a rating up to 10 scores up to 100
		all.put(touchpoint(k), " correlation", covariances[k][touchpoints]/math.Sqrt(covariances[k][k]*covariances[touchpoints][touchpoints]))
	}
	all["r squared"] = 1 - unexplained(covariances)/covariances[touchpoints][touchpoints]
	return all
}

// unexplained is what a regression leaves of the variance of the last variable (Gauss's elimination of the others, in the upper half).
func unexplained(covariances [][]float64) float64 {
	m := make([][]float64, len(covariances))
	for a := range m {
		m[a] = append([]float64(nil), covariances[a]...)
	}
	last := len(m) - 1
	for j := range last {
		for a := j + 1; a <= last; a++ {
			by := m[j][a] / m[j][j]
			for b := a; b <= last; b++ {
				m[a][b] -= by * m[j][b]
			}
		}
	}
	return m[last][last]
}

// askDrivers asks for an analysis, and waits for its operation where one is started.
func askDrivers(samples int32) func(context.Context, *service) (findings, error) {
	r := &cmiv1.AnalyzeDriversRequest{
		AsOf: timestamppb.New(end()), Bootstrap: &cmiv1.Bootstrap{Samples: &samples},
		Target: &cmiv1.DriverTarget{Target: &cmiv1.DriverTarget_Pillar{Pillar: cmiv1.Pillar_PILLAR_FII}},
	}
	for k := range touchpoints {
		r.Predictors = append(r.Predictors, &cmiv1.DriverPredictor{ItemIds: []string{touchpoint(k)}})
	}
	return func(ctx context.Context, s *service) (findings, error) {
		said, err := s.insight.AnalyzeDrivers(ctx, r)
		if err != nil {
			return nil, err
		}
		if said.GetOperation() != nil {
			if said, err = s.wait(ctx, said.GetOperation()); err != nil {
				return nil, err
			}
		}
		return analysed(said.GetAnalysis(), samples > 0)
	}
}

// wait waits for the end of an operation.
func (s *service) wait(ctx context.Context, op *longrunningpb.Operation) (said *cmiv1.AnalyzeDriversResponse, err error) {
	for !op.GetDone() {
		op, err = s.operations.WaitOperation(ctx, &longrunningpb.WaitOperationRequest{Name: op.GetName(), Timeout: durationpb.New(20e9)})
		if err != nil {
			return nil, err
		}
	}
	if op.GetError() != nil {
		return nil, fmt.Errorf("operation %s: %s", op.GetName(), op.GetError().GetMessage())
	}
	said = &cmiv1.AnalyzeDriversResponse{}
	return said, op.GetResponse().UnmarshalTo(said)
}

func analysed(a *cmiv1.DriverAnalysis, intervals bool) (findings, error) {
	if intervals != (a.GetRSquared().High != nil) {
		return nil, errors.New("the intervals are not as asked for")
	}
	all := findings{"n": float64(a.GetN()), "dropped": float64(a.GetDropped()), "r squared": a.GetRSquared().GetValue()}
	for k, d := range a.GetDrivers() {
		all.put(touchpoint(k), " mean", d.GetPerformance().GetValue())
		all.put(touchpoint(k), " correlation", d.GetCorrelation())
	}
	return all, nil
}
