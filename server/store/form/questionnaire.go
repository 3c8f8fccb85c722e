package form

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Version is a version of a questionnaire as it is written. Channels has a bit for each channel; 0 is any.
type Version struct {
	Version, State, Audience, Channels int64
	Published                          bool
	Body                               []byte
}

// NewVersions checks and encodes the versions of one questionnaire.
func NewVersions(id string, save []*cmiv1.Questionnaire) ([]Version, error) {
	versions := make([]Version, len(save))
	for i, q := range save {
		if q.GetQuestionnaireId() != id {
			return nil, errors.New("a change of one questionnaire saves another")
		}
		if q.GetVersion() < 1 {
			return nil, fmt.Errorf("a change saves version %d; versions start at 1", q.GetVersion())
		}
		body, err := proto.Marshal(q)
		if err != nil {
			return nil, fmt.Errorf("encode a questionnaire: %w", err)
		}
		versions[i] = Version{
			Version: int64(q.GetVersion()), State: int64(q.GetState()), Published: q.GetPublishedAt() != nil,
			Audience: int64(q.GetAudience()), Channels: channelsOf(q), Body: body,
		}
	}
	return versions, nil
}

// DecodeQuestionnaire reads a version back.
func DecodeQuestionnaire(body []byte) (*cmiv1.Questionnaire, error) {
	q := &cmiv1.Questionnaire{}
	return q, Decode(body, q, "questionnaire")
}

func channelsOf(q *cmiv1.Questionnaire) int64 {
	var set int64
	for _, c := range q.GetChannels() {
		set |= channelBit(c)
	}
	return set
}

// ChannelAsked is the bit of the channel that a filter asks for; 0 where it asks for none.
func ChannelAsked(c cmiv1.Channel) int64 {
	if c == cmiv1.Channel_CHANNEL_UNSPECIFIED {
		return 0
	}
	return channelBit(c)
}

// channelBit has the channels of a later contract share the last bit.
func channelBit(c cmiv1.Channel) int64 { return 1 << min(uint32(c), 62) }
