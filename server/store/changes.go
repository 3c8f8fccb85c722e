package store

import "context"

// Changes tells of what other processes change, so that nobody relies for long on what they remember.
type Changes interface {
	// Watch calls changed for each questionnaire that another process changed or calibrated, until ctx ends, and answers
	// ctx's error. It does so within five seconds after the change was committed. It calls changed with the zero Change
	// when it may have missed some, and as often as it must while it cannot know. It may tell of this process's own changes.
	// changed returns soon.
	Watch(ctx context.Context, changed func(Change)) error
}

// Change names a questionnaire that was changed or calibrated; the zero value is any of any tenant.
type Change struct {
	Tenant, QuestionnaireID string
}
