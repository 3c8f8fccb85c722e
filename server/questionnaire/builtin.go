package questionnaire

import (
	"embed"
	"fmt"
	"time"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// BuiltinPrefix starts the ids of the built-in questionnaires and is reserved for them.
const BuiltinPrefix = "builtin-"

//go:embed builtin/*.yaml
var builtinFiles embed.FS

// builtinVersion is the version of the built-in questionnaires. One that changes gets the next version; the old ones stay.
const builtinVersion = 1

// builtinDate is when this version of the built-in questionnaires was published: fixed, so that every service agrees.
var builtinDate = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// builtinNames lists the files by audience, then channel.
var builtinNames = [...]string{
	"new-face-to-face", "new-online", "new-mobile-app",
	"active-face-to-face", "active-online", "active-mobile-app",
	"inactive-face-to-face", "inactive-online", "inactive-mobile-app",
}

// Builtin answers the nine built-in questionnaires, published, by audience (new, active, inactive) and channel
// (face-to-face, online, mobile app). Every call makes new messages, which the caller may change; the etag is left for
// the caller to set. The files are part of the program: one that cannot be read panics, and a test reads them all.
func Builtin() []*cmiv1.Questionnaire {
	all := make([]*cmiv1.Questionnaire, 0, len(builtinNames))
	for _, name := range builtinNames {
		path := "builtin/" + name + ".yaml"
		data, err := builtinFiles.ReadFile(path)
		if err != nil {
			panic(fmt.Sprintf("questionnaire: the built-in file is not embedded: %v", err))
		}
		q, err := Read(path, data)
		if err != nil {
			panic(fmt.Sprintf("questionnaire: the built-in file is broken: %v", err))
		}
		q.Version = builtinVersion
		q.State = cmiv1.State_STATE_PUBLISHED
		q.CreatedAt = timestamppb.New(builtinDate)
		q.UpdatedAt = timestamppb.New(builtinDate)
		q.PublishedAt = timestamppb.New(builtinDate)
		all = append(all, q)
	}
	return all
}
