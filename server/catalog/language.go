package catalog

import (
	"cmp"
	"context"
	"strings"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Prompted answers the latest published version of a questionnaire, and the best of its translations for a language (a
// BCP 47 tag): the tag itself or the nearest one above it, where every prompt has it. Empty: there is none.
func (c *Catalog) Prompted(ctx context.Context, tenant, id, language string) (*cmiv1.Questionnaire, string, error) {
	q, err := c.version(ctx, tenant, id, 0)
	if err != nil {
		return nil, "", err
	}
	for tag := language; tag != ""; tag = above(tag) {
		if spoken, ok := speaks(q, tag); ok {
			return q, spoken, nil
		}
	}
	return q, "", nil
}

// above is the tag with its last part taken off, as RFC 4647 looks tags up: de-AT, then de.
func above(tag string) string {
	cut := max(strings.LastIndexByte(tag, '-'), 0)
	// A single letter before the cut starts an extension and goes with it.
	if cut >= 2 && tag[cut-2] == '-' {
		cut -= 2
	}
	return tag[:cut]
}

// speaks answers the tag as the questionnaire writes it, where every prompt has a translation by it. Tags do not tell case
// apart.
func speaks(q *cmiv1.Questionnaire, tag string) (string, bool) {
	spoken := ""
	for _, item := range q.GetItems() {
		if item.GetPrompt() == "" {
			continue
		}
		found := ""
		for t := range item.GetTranslations() {
			if strings.EqualFold(t, tag) && (found == "" || t < found) {
				found = t
			}
		}
		if found == "" {
			return "", false
		}
		spoken = cmp.Or(spoken, found)
	}
	return spoken, spoken != ""
}
