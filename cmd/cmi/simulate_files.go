package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/server/questionnaire"

	"github.com/customer-momentum/cmi/examples/population"
)

// writePopulation writes a population into the files of a folder. What is there of the same names is replaced.
func writePopulation(ctx context.Context, plan population.Plan, folder string, shown *simulateBar) (err error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("there is no folder for the files: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "questionnaire.yaml"), questionnaire.WriteYAML(plan.Questionnaire()), 0o666); err != nil {
		return fmt.Errorf("the questionnaire cannot be written: %w", err)
	}
	files, err := openFiles(folder)
	if err != nil {
		return err
	}
	shown.begin("writing")
	defer shown.end()
	for i := range plan.Customers {
		if ctx.Err() != nil {
			err = fmt.Errorf("interrupted after %s; the files are not complete", plural(i, "customer"))
			break
		}
		if err = files.write(plan.Customer(i)); err != nil {
			break
		}
		shown.reach(i + 1)
	}
	return errors.Join(err, files.close())
}

// populationFiles are the files that grow with every customer.
type populationFiles struct {
	customers, interactions, responses, truth io.Writer
	table                                     *csv.Writer
	// closers end the files.
	closers []func() error
}

func openFiles(folder string) (*populationFiles, error) {
	f := &populationFiles{}
	var table io.Writer
	for name, to := range map[string]*io.Writer{
		"customers.ndjson": &f.customers, "interactions.ndjson": &f.interactions, "responses.ndjson": &f.responses,
		"truth.ndjson": &f.truth, "truth.csv": &table,
	} {
		file, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the population cannot be written: %w", err), f.close())
		}
		buffered := bufio.NewWriter(file)
		*to = buffered
		f.closers = append(f.closers, func() error { return errors.Join(buffered.Flush(), file.Close()) })
	}
	f.table = csv.NewWriter(table)
	heading := []string{"customer_id", "class", "slope", "lifecycle", "first_wave", "last_wave", "first_momentum", "last_momentum"}
	return f, f.table.Write(heading)
}

func (f *populationFiles) close() error {
	var all error
	if f.table != nil {
		f.table.Flush()
		all = f.table.Error()
	}
	for _, end := range f.closers {
		all = errors.Join(all, end())
	}
	if all != nil {
		return fmt.Errorf("the population cannot be written: %w", all)
	}
	return nil
}

func (f *populationFiles) write(c population.Customer) error {
	if err := writeJSONLine(f.customers, c.Profile); err != nil {
		return err
	}
	if err := writeJSONLines(f.interactions, c.Interactions); err != nil {
		return err
	}
	if err := writeJSONLines(f.responses, c.Responses); err != nil {
		return err
	}
	return f.writeTruth(c.Profile.GetCustomerId(), c.Truth)
}

func writeJSONLines[M proto.Message](w io.Writer, all []M) error {
	for _, m := range all {
		if err := writeJSONLine(w, m); err != nil {
			return err
		}
	}
	return nil
}

// knownTruth is a line of truth.ndjson.
type knownTruth struct {
	CustomerID string `json:"customerId"`
	// Class is RISING, FALLING or STEADY; Slope is in points per 30 days.
	Class string  `json:"class"`
	Slope float64 `json:"slope"`
	// Lifecycle is NEW, ACTIVE or INACTIVE at the end.
	Lifecycle string `json:"lifecycle"`
	// FirstWave, from 1, is the wave of the first Momentum; each next one belongs to the next wave.
	FirstWave int       `json:"firstWave"`
	Momentum  []float64 `json:"momentum"`
	// Pillars is how far the true ECI, BEI and FII lie from the momentum in every wave.
	Pillars [3]float64 `json:"pillars"`
}

func (f *populationFiles) writeTruth(id string, t population.Truth) error {
	class := strings.TrimPrefix(t.Direction.String(), "DIRECTION_")
	lifecycle := strings.TrimPrefix(t.Lifecycle.String(), "LIFECYCLE_")
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	if err := f.table.Write([]string{
		id, class, number(t.Slope), lifecycle, strconv.Itoa(t.First + 1), strconv.Itoa(t.Last + 1),
		number(t.Momentum[0]), number(t.Momentum[len(t.Momentum)-1]),
	}); err != nil {
		return err
	}
	return json.NewEncoder(f.truth).Encode(knownTruth{
		CustomerID: id, Class: class, Slope: t.Slope, Lifecycle: lifecycle,
		FirstWave: t.First + 1, Momentum: t.Momentum, Pillars: t.Pillars,
	})
}
