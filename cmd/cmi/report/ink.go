package report

import (
	"image/color"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// ink is a colour by what it stands for. Which colour that is says the style sheet of the page, for light and dark; charts are drawn
// with numbers in place of colours.
type ink string

// The inks. They can be told apart by people who do not see all colours.
const (
	inkText     ink = "text"
	inkFaint    ink = "faint"
	inkGrid     ink = "grid"
	inkPaper    ink = "paper"
	inkAtRisk   ink = "at-risk"
	inkGrowth   ink = "growth"
	inkAdvocate ink = "advocate"
	inkFourth   ink = "fourth"
	inkOnLight  ink = "on-light"
	inkOnDark   ink = "on-dark"
)

// serialInks are for what has no colour of its own.
func serialInks() []ink {
	return []ink{"serial-1", "serial-2", "serial-3", "serial-4", "serial-5", "serial-6", "serial-7", "serial-8"}
}

func allInks() []ink {
	return append([]ink{
		inkText, inkFaint, inkGrid, inkPaper, inkAtRisk, inkGrowth, inkAdvocate, inkFourth, inkOnLight, inkOnDark,
	}, serialInks()...)
}

// colour is the number of an ink, as a colour.
func (i ink) colour() color.Color {
	return color.RGBA{B: uint8(slices.Index(allInks(), i) + 1), A: 0xff}
}

// on is the ink of text on an ink.
func (i ink) on() ink {
	if i == inkGrowth || i == inkFourth {
		return inkOnLight
	}
	return inkOnDark
}

// bucketInk is the ink of a bucket, the same in all charts.
func bucketInk(b cmiv1.Bucket) ink {
	switch b {
	case cmiv1.Bucket_BUCKET_AT_RISK:
		return inkAtRisk
	case cmiv1.Bucket_BUCKET_GROWTH:
		return inkGrowth
	case cmiv1.Bucket_BUCKET_ADVOCATE:
		return inkAdvocate
	}
	return inkFaint
}

// quadrantInk is the ink of a quadrant between satisfaction and loyalty.
func quadrantInk(q cmiv1.Quadrant) ink {
	switch q {
	case cmiv1.Quadrant_QUADRANT_LOYALIST:
		return inkAdvocate
	case cmiv1.Quadrant_QUADRANT_MERCENARY:
		return inkFourth
	case cmiv1.Quadrant_QUADRANT_HOSTAGE:
		return inkGrowth
	}
	return inkAtRisk
}
