package tables

import (
	"bytes"
	"slices"
	"testing"
)

// TestRunsOfTheFormat takes the example of the Parquet format: 0 to 7 in three bits each are 10001000 11000110 11111010.
func TestRunsOfTheFormat(t *testing.T) {
	t.Parallel()
	want := []uint16{0, 1, 2, 3, 4, 5, 6, 7}
	packed := []byte{0x88, 0xc6, 0xfa}
	written := appendPlaces(nil, want, 8)
	if !bytes.Equal(written, append([]byte{3, 1<<1 | 1}, packed...)) {
		t.Errorf("they are written as %x", written)
	}
	// A run of five sixes comes before them, and one of 300 ones behind.
	data := slices.Concat([]byte{5 << 1, 6, 1<<1 | 1}, packed, []byte{0xd8, 0x04, 1})
	r := runs{data: data, width: 3}
	got := make([]uint32, 5+8+300)
	for _, part := range [][]uint32{got[:7], got[7:8], got[8:]} {
		if err := r.take(part); err != nil {
			t.Fatal(err)
		}
	}
	all := append(slices.Repeat([]uint32{6}, 5), 0, 1, 2, 3, 4, 5, 6, 7)
	all = append(all, slices.Repeat([]uint32{1}, 300)...)
	if !slices.Equal(got, all) {
		t.Errorf("they are read as %v", got)
	}
	if r.take(got[:1]) == nil {
		t.Error("there is one more")
	}
}

// TestPlacesOfEveryWidth reads what was written, in parts of odd sizes.
func TestPlacesOfEveryWidth(t *testing.T) {
	t.Parallel()
	for words := 2; words <= mostWords; words = words*3/2 + 1 {
		words := min(words, mostWords)
		places := make([]uint16, 1003)
		for k := range places {
			places[k] = uint16(k * 7919 % words)
		}
		places[len(places)-1] = uint16(words - 1)
		data := appendPlaces(nil, places, words)
		r := runs{data: data[1:], width: int(data[0])}
		for from, step := 0, 1; from < len(places); from, step = from+step, step*2 {
			got := make([]uint32, min(step, len(places)-from))
			if err := r.take(got); err != nil {
				t.Fatalf("%d words: %v", words, err)
			}
			for k, place := range got {
				if place != uint32(places[from+k]) {
					t.Fatalf("%d words: place %d is %d, want %d", words, from+k, place, places[from+k])
				}
			}
		}
	}
}

// FuzzRuns reads any bytes: it never panics, and reads no number that has more bits than it may.
func FuzzRuns(f *testing.F) {
	f.Add([]byte{5 << 1, 6, 1<<1 | 1, 0x88, 0xc6, 0xfa}, byte(3))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 1}, byte(32))
	f.Add([]byte{3, 1}, byte(9))
	f.Add([]byte{}, byte(0))
	f.Add([]byte("\xe41010000000000"), byte(4)) // a run of a number with too many bits, and packed ones after it
	f.Fuzz(func(t *testing.T, data []byte, width byte) {
		r := runs{data: data, width: int(width % (mostWidth + 1))}
		to := make([]uint32, 100)
		for range 100 {
			if r.take(to) != nil {
				break
			}
			for _, x := range to {
				if uint64(x)>>r.width != 0 {
					t.Fatalf("%d has more than %d bits", x, r.width)
				}
			}
		}
		levels := runs{data: data, width: 1}
		for range 100 {
			if levels.bits(make([]byte, 20), 3, 150) != nil {
				break
			}
		}
	})
}
