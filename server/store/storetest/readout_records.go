package storetest

import (
	"fmt"

	"github.com/customer-momentum/cmi/server/store"
)

func (r *reader) responses() {
	places := map[string]store.Cursor{}
	for _, id := range worldIDs() {
		k, err := r.s.Response(r.ctx, r.tenant, id)
		if err != nil {
			r.say(err, "", "Response(%s)", id)
			continue
		}
		places[id] = k.Cursor
		r.say(nil, keptInWords(k), "Response(%s)", id)
	}
	filters := []store.ResponseFilter{
		{IncludeVoid: true}, {CustomerID: some(r.random, worldCustomers()), IncludeVoid: r.random.IntN(2) == 0},
		{QuestionnaireID: some(r.random, worldQuestionnaires()), ScoresOnly: r.random.IntN(2) == 0},
	}
	for _, f := range filters {
		page, err := r.s.ListResponses(r.ctx, r.tenant, f, 100)
		var list []place
		for _, k := range page {
			if places[k.Score.GetResponseId()] != k.Cursor {
				err = fmt.Errorf("the list gives %s another place than Response does", k.Score.GetResponseId())
			}
			list = append(list, place{k.Cursor, keptInWords(k)})
		}
		r.say(err, inWordsByPlace(list), "ListResponses(%+v)", f)
	}
}

func keptInWords(k *store.Kept) string {
	return fmt.Sprintf("%s %s %x at %d", text(k.Response), text(k.Score), k.Content[:4], k.Cursor.SubmittedAt)
}

func (r *reader) interactions() {
	for _, id := range worldCustomers() {
		f := store.InteractionFilter{CustomerID: id}
		if r.random.IntN(3) == 0 {
			f.Kind, f.From, f.Before = some(r.random, worldKinds()), after(r.random.IntN(8)), after(r.random.IntN(8))
		}
		list, err := r.pagesOfInteractions(f, 1+r.random.IntN(4))
		r.say(err, inWordsByPlace(list), "ListInteractions(%+v)", f)
	}
}

func (r *reader) pagesOfInteractions(f store.InteractionFilter, limit int) ([]place, error) {
	var list []place
	for {
		page, err := r.s.ListInteractions(r.ctx, r.tenant, f, limit)
		if err != nil {
			return nil, err
		}
		if f.After != nil && len(page) > 0 && falling(*f.After, page[0].Cursor) >= 0 {
			return nil, fmt.Errorf("a page starts at %v, not behind its cursor %v", page[0].Cursor, *f.After)
		}
		for i, kept := range page {
			list = append(list, place{kept.Cursor, text(kept.Interaction)})
			f.After = &page[i].Cursor
		}
		if len(page) < limit {
			return list, nil
		}
	}
}

func (r *reader) calibrations() {
	for _, id := range worldQuestionnaires() {
		f := store.CalibrationFilter{QuestionnaireID: id, Version: int32(r.random.IntN(3))}
		limit := 1 + r.random.IntN(4)
		words, err := r.pagesOfCalibrations(f, limit)
		r.say(err, words, "ListCalibrations(%+v) in pages of %d", f, limit)
	}
}

func (r *reader) pagesOfCalibrations(f store.CalibrationFilter, limit int) (words string, err error) {
	for {
		page, err := r.s.ListCalibrations(r.ctx, r.tenant, f, limit)
		if err != nil {
			return "", err
		}
		for i, kept := range page {
			if f.After != nil && falling(*f.After, kept.Cursor) >= 0 {
				return "", fmt.Errorf("%v stands behind %v", kept.Cursor, *f.After)
			}
			words += fmt.Sprintf("\n    %d: %s", kept.Cursor.SubmittedAt, text(kept.Calibration))
			f.After = &page[i].Cursor
		}
		if len(page) < limit {
			return words, nil
		}
	}
}

func (r *reader) questionnaires() {
	page, err := r.s.ListQuestionnaires(r.ctx, r.tenant, store.QuestionnaireFilter{AllVersions: true}, 100)
	words := ""
	for _, q := range page {
		words += "\n    " + text(q)
	}
	r.say(err, words, "ListQuestionnaires")
	for _, id := range worldQuestionnaires() {
		q, err := r.s.Questionnaire(r.ctx, r.tenant, id, 0)
		r.say(err, text(q), "Questionnaire(%s)", id)
	}
}
