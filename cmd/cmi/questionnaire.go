package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/questionnaire"
)

type questionnaireCommands struct {
	Lint lintCommand `cmd:"" help:"Check a questionnaire file."`
	Show showCommand `cmd:"" help:"Print a questionnaire."`
	List listCommand `cmd:"" help:"List questionnaires."`
}

// maxQuestionnaire is more than the largest questionnaire file that is accepted, so that a larger one is refused by its
// reader, and not cut.
const maxQuestionnaire = 2 << 20

// readQuestionnaire reads a questionnaire file; "-" is in.
func readQuestionnaire(file string, in io.Reader) (*cmiv1.Questionnaire, error) {
	if file == "-" {
		data, err := io.ReadAll(io.LimitReader(in, maxQuestionnaire))
		if err != nil {
			return nil, fmt.Errorf("stdin cannot be read: %w", err)
		}
		return questionnaire.Read("stdin", data)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the questionnaire cannot be read: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxQuestionnaire))
	if err != nil {
		return nil, fmt.Errorf("the questionnaire cannot be read: %w", err)
	}
	return questionnaire.Read(file, data)
}

// unreadable lists what keeps a file from being read as faults, where err says so.
func unreadable(err error) ([]*cmiv1.Fault, bool) {
	bad, ok := errors.AsType[*questionnaire.Error](err)
	if !ok {
		return nil, false
	}
	faults := make([]*cmiv1.Fault, len(bad.Problems))
	for i, p := range bad.Problems {
		faults[i] = &cmiv1.Fault{Path: p.Path, Message: p.Message}
		if p.Line > 0 {
			faults[i].Message = fmt.Sprintf("line %d: %s", p.Line, p.Message)
		}
	}
	return faults, true
}

// lint reads a file as a methodologist would. A file that cannot be read as a questionnaire has faults and no findings.
func lint(file string, in io.Reader) (*cmiv1.LintQuestionnaireResponse, error) {
	q, err := readQuestionnaire(file, in)
	if err != nil {
		if faults, ok := unreadable(err); ok {
			return &cmiv1.LintQuestionnaireResponse{Faults: faults}, nil
		}
		return nil, err
	}
	return catalog.Lint(q), nil
}
