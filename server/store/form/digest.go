package form

import (
	"encoding/binary"
	"fmt"
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/store"
)

// A digest is what reports read of a score beside the place, the time and the class, so short that it stands in an index: a
// byte for this form, a byte of marks, channel and version as varints, and the CMI and the scores of the pillars, 8 bytes each,
// those of them that are there. Whoever goes over millions of scores reads one column instead of many.
const (
	digestForm     = 1
	digestHead     = 4 // at least
	digestDiverges = 1 // the marks; behind it those of the CMI, ECI, BEI and FII
	digestHas      = 2
	digestNumbers  = 4
	digestMarks    = digestHas<<digestNumbers - 1
	digestNumber   = 8 // bytes
)

// EncodeDigest writes the digest of a score.
func EncodeDigest(score *cmiv1.Score) []byte {
	numbers := digested(score)
	var marks byte
	if score.GetDivergent() {
		marks |= digestDiverges
	}
	for i, n := range numbers {
		if n != nil {
			marks |= digestHas << i
		}
	}
	text := append(make([]byte, 0, digestHead+digestNumbers*digestNumber), digestForm, marks)
	text = binary.AppendUvarint(text, uint64(uint32(score.GetChannel())))
	text = binary.AppendUvarint(text, uint64(uint32(score.GetQuestionnaireVersion())))
	for _, n := range numbers {
		if n != nil {
			text = binary.LittleEndian.AppendUint64(text, math.Float64bits(*n))
		}
	}
	return text
}

// digested are the CMI and the scores of ECI, BEI and FII; nil where there is none.
func digested(score *cmiv1.Score) (numbers [digestNumbers]*float64) {
	numbers[0] = score.Cmi
	for _, p := range score.GetPillars() {
		if i := p.GetPillar(); i >= cmiv1.Pillar_PILLAR_ECI && i <= cmiv1.Pillar_PILLAR_FII {
			numbers[i] = p.Score
		}
	}
	return numbers
}

// DecodeDigest reads a digest into the fields that it is of.
func DecodeDigest(text []byte, into *store.ReportedScore) error {
	if len(text) < digestHead || text[0] != digestForm || text[1] > digestMarks {
		return refusedDigest(text)
	}
	marks, rest := text[1], text[2:]
	channel, rest, ok := cutNumber(rest)
	if !ok {
		return refusedDigest(text)
	}
	version, rest, ok := cutNumber(rest)
	if !ok {
		return refusedDigest(text)
	}
	into.Divergent, into.Channel, into.Version = marks&digestDiverges != 0, cmiv1.Channel(channel), version
	for i, n := range [digestNumbers]*float64{&into.CMI, &into.Pillars[0], &into.Pillars[1], &into.Pillars[2]} {
		switch {
		case marks&(digestHas<<i) == 0:
			*n = math.NaN()
		case len(rest) < digestNumber:
			return refusedDigest(text)
		default:
			*n, rest = math.Float64frombits(binary.LittleEndian.Uint64(rest)), rest[digestNumber:]
		}
	}
	if len(rest) > 0 {
		return refusedDigest(text)
	}
	return nil
}

// cutNumber takes a number off the start of a text.
func cutNumber(text []byte) (number int32, rest []byte, ok bool) {
	if len(text) > 0 && text[0] < 0x80 {
		return int32(text[0]), text[1:], true
	}
	whole, length := binary.Uvarint(text)
	if length <= 0 || whole > math.MaxUint32 {
		return 0, nil, false
	}
	return int32(uint32(whole)), text[length:], true
}

func refusedDigest(text []byte) error {
	return fmt.Errorf("%w: a kept digest of a score cannot be read: it has %d bytes and begins with %x", store.ErrUnavailable, len(text), text[:min(2, len(text))])
}

// DigestScore reads a score that was recorded without a digest, as if it had one.
func DigestScore(body []byte, into *store.ReportedScore) error {
	var score cmiv1.Score
	if err := Decode(body, &score, "score"); err != nil {
		return err
	}
	return DecodeDigest(EncodeDigest(&score), into)
}
