package tables

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
)

// pageRows is how many rows a page has at most: a multiple of 8, so that the bits of a page begin with a byte.
const pageRows = 1 << 15

// pages writes the pages of columns, in memory that it uses again.
type pages struct {
	page       []byte
	compressed bytes.Buffer
}

// write writes a column of a row group.
func (p *pages) write(to *counted, meta *metadata.ColumnChunkMetaDataBuilder, group, column int, c *parquetColumn, rows int) error {
	pager, err := file.NewPageWriter(to, c.codec, compress.DefaultCompressionLevel, meta, int16(group), int16(column),
		memory.DefaultAllocator, false, nil, nil)
	if err != nil {
		return err
	}
	words, count, coded := c.values.dictionary()
	encoding := parquet.Encodings.Plain
	if coded {
		encoding = parquet.Encodings.RLEDict
		if _, err := pager.WriteDictionaryPage(file.NewDictionaryPage(memory.NewBufferBytes(words), int32(count), parquet.Encodings.Plain)); err != nil {
			return err
		}
	}
	nulls, done := 0, 0
	for from := 0; from < rows; from += pageRows {
		size := min(pageRows, rows-from)
		here := bitutil.CountSetBits(c.valid, from, size)
		p.page = appendLevels(p.page[:0], c.valid[from/8:], size, here)
		p.page = c.values.encode(p.page, done, done+here)
		nulls, done = nulls+size-here, done+here
		content := p.page
		if pager.HasCompressor() {
			p.compressed.Reset()
			content = pager.Compress(&p.compressed, p.page)
		}
		page := file.NewDataPageV1WithStats(memory.NewBufferBytes(content), int32(size), encoding, parquet.Encodings.RLE, parquet.Encodings.RLE,
			int32(len(p.page)), metadata.EncodedStatistics{})
		if _, err := pager.WriteDataPage(page); err != nil {
			return err
		}
	}
	meta.SetStats(c.statistics(nulls))
	return pager.Close(coded, false)
}

// appendLevels writes which rows have a value: as the bits themselves, or as one run where all are alike.
func appendLevels(to, valid []byte, rows, present int) []byte {
	begin := len(to)
	to = append(to, 0, 0, 0, 0)
	switch present {
	case rows:
		to = append(binary.AppendUvarint(to, uint64(rows)<<1), 1)
	case 0:
		to = append(binary.AppendUvarint(to, uint64(rows)<<1), 0)
	default:
		size := (rows + 7) / 8
		to = binary.AppendUvarint(to, uint64(size)<<1|1)
		to = append(to, valid[:size]...)
		if rows%8 != 0 {
			to[len(to)-1] &= 1<<(rows%8) - 1
		}
	}
	binary.LittleEndian.PutUint32(to[begin:], uint32(len(to)-begin-4))
	return to
}

// appendPlaces writes places in a dictionary of so many words, in as few bits as they need: what comes first in the lowest bits.
func appendPlaces(to []byte, places []uint16, words int) []byte {
	width := max(1, bits.Len(uint(words-1)))
	to = append(to, byte(width))
	const eight = 8 // they come in groups of eight
	to = binary.AppendUvarint(to, uint64((len(places)+eight-1)/eight)<<1|1)
	full := len(places) &^ (eight - 1)
	for k := 0; k < full; k += eight {
		to = appendEight(to, [eight]uint16(places[k:]), width)
	}
	if full < len(places) {
		var last [eight]uint16
		copy(last[:], places[full:])
		to = appendEight(to, last, width)
	}
	return to
}

// appendEight writes eight places of width bits, which make width bytes.
func appendEight(to []byte, places [8]uint16, width int) []byte {
	var low, high uint64 // four places each
	for k := range 4 {
		low |= uint64(places[k]) << (k * width)
		high |= uint64(places[k+4]) << (k * width)
	}
	half := 4 * width
	var room [16]byte
	binary.LittleEndian.PutUint64(room[:], low|high<<half)
	if half > 32 {
		binary.LittleEndian.PutUint64(room[8:], high>>(64-half))
	}
	return append(to, room[:width]...)
}
