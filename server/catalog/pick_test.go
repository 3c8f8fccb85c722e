package catalog_test

import (
	"testing"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

func TestPick(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	const (
		fresh, active, gone = cmiv1.Audience_AUDIENCE_NEW, cmiv1.Audience_AUDIENCE_ACTIVE, cmiv1.Audience_AUDIENCE_INACTIVE
		desk, online, app   = cmiv1.Channel_CHANNEL_FACE_TO_FACE, cmiv1.Channel_CHANNEL_ONLINE, cmiv1.Channel_CHANNEL_MOBILE_APP
		anywhere            = cmiv1.Channel_CHANNEL_UNSPECIFIED
	)
	wants := func(tenant string, audience cmiv1.Audience, channel cmiv1.Channel, want string) {
		t.Helper()
		got, err := c.Pick(ctx, tenant, audience, channel)
		if err != nil || got != want {
			t.Errorf("for %v on %v: got %q, %v; want %q", audience, channel, got, err, want)
		}
	}
	// Only the built-in ones are there: the one for both; without a channel the first by id.
	wants(tenant, fresh, app, "builtin-new-mobile-app")
	wants(tenant, gone, desk, "builtin-inactive-face-to-face")
	wants(tenant, active, anywhere, "builtin-active-face-to-face")

	add := func(id string, audience cmiv1.Audience, channels ...cmiv1.Channel) {
		t.Helper()
		q := sample(id)
		q.Audience, q.Channels = audience, channels
		create(t, c, q)
	}
	// Own ones come first, once they are published, where they are fit.
	add("old", active, online)
	wants(tenant, active, online, "builtin-active-online")
	publish(t, c, "old")
	wants(tenant, active, online, "old")
	wants(tenant, active, app, "builtin-active-mobile-app")
	wants(tenant, fresh, online, "builtin-new-online")
	wants("globex", active, online, "builtin-active-online")

	// Of own ones the latest published, for anybody or not.
	add("any", cmiv1.Audience_AUDIENCE_UNSPECIFIED)
	publish(t, c, "any")
	wants(tenant, active, online, "any")
	wants(tenant, gone, app, "any")

	// A new version is a later publication; its draft is not.
	if _, err := c.Update(ctx, tenant, retitle("old", "Again", "")); err != nil {
		t.Fatal(err)
	}
	wants(tenant, active, online, "any")
	publish(t, c, "old")
	wants(tenant, active, online, "old")

	// What is archived is not shown.
	if _, err := c.Archive(ctx, tenant, &cmiv1.ArchiveQuestionnaireRequest{QuestionnaireId: "old"}); err != nil {
		t.Fatal(err)
	}
	wants(tenant, active, online, "any")
}

func TestPromptedIn(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	q := sample("q")
	for i, item := range q.GetItems() {
		item.Prompt = "Why?"
		item.Translations = map[string]string{"de": "Warum?", "pt-BR": "Por quê?"}
		if i > 0 {
			item.Translations["fr"] = "Pourquoi ?" // not all of them
		}
	}
	create(t, c, q)
	publish(t, c, "q")
	for language, want := range map[string]string{
		"": "", "de": "de", "de-AT": "de", "DE-ch-1996": "de", "de-x-formal": "de", "fr": "", "fr-CA": "", "pt": "", "PT-br": "pt-BR",
		"pt-BR-x-a": "pt-BR", "nl": "", "-": "", "d": "", "de-": "de",
	} {
		shown, got, err := c.Prompted(ctx, tenant, "q", language)
		if err != nil || got != want || shown.GetQuestionnaireId() != "q" {
			t.Errorf("%q: got %q, %v; want %q", language, got, err, want)
		}
	}
}
