package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Offset is what places in a text come in.
type Offset interface{ ~int32 | ~int64 }

// Words are answers to choices by the values of their options, and texts: row i is text[offsets[i]:offsets[i+1]], so there is one
// offset more than rows.
func Words[O Offset](text string, offsets []O) Values { return &words[O]{text, offsets} }

type words[O Offset] struct {
	text    string
	offsets []O
}

func (v *words[O]) Len() int { return max(len(v.offsets)-1, 0) }

func (v *words[O]) at(i int) string { return v.text[v.offsets[i]:v.offsets[i+1]] }

func (*words[O]) kind() string { return "texts" }

func (*words[O]) fits(s scale) bool { return takesWords(s) }

func takesWords(s scale) bool {
	switch s.(type) {
	case *choice, text:
		return true
	}
	return false
}

func (*words[O]) prepare(*columnItem) {}

func (v *words[O]) add(it *columnItem, from int, sum []float64) {
	for i := range sum {
		sum[i] += it.addsWord(v.at(from + i))
	}
}

// addsWord is adds of a word, as the item's scale has it.
func (it *columnItem) addsWord(word string) float64 {
	if c, ok := it.item.scale.(*choice); ok {
		return it.adds(c.score(word))
	}
	return it.adds(0, textProblem(word, maxText) == "")
}

func (v *words[O]) answer(it *item, row int, a *cmiv1.Answer) { putWord(it, v.at(row), a) }

// putWord puts a word into an answer, as the item's scale has it.
func putWord(it *item, word string, a *cmiv1.Answer) {
	if _, ok := it.scale.(text); ok {
		a.Value = &cmiv1.Answer_Text{Text: word}
		return
	}
	a.Value = &cmiv1.Answer_Choice{Choice: word}
}

// Index is what places in a dictionary come in.
type Index interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Dictionary are answers to choices, and texts: row i is dictionary[index[i]].
func Dictionary[I Index](index []I, dictionary []string) Values { return &coded[I]{index, dictionary} }

type coded[I Index] struct {
	index      []I
	dictionary []string
}

func (v *coded[I]) Len() int { return len(v.index) }

func (*coded[I]) kind() string { return "texts" }

func (*coded[I]) fits(s scale) bool { return takesWords(s) }

// prepare makes the lookup anew, since each batch may bring another dictionary; but not of words most of which no row has.
func (v *coded[I]) prepare(it *columnItem) {
	if len(v.dictionary) > len(v.index) {
		it.lookup.none()
		return
	}
	it.lookup.begin(v, 0, len(v.dictionary)) // v is of this batch alone
	for _, word := range v.dictionary {
		it.lookup.added = append(it.lookup.added, it.addsWord(word))
	}
	it.lookup.end()
}

func (v *coded[I]) add(it *columnItem, from int, sum []float64) {
	index, t := v.index[from:from+len(sum)], &it.lookup
	for i, at := range index {
		if t.ready() {
			sum[i] += t.at(int64(at))
		} else {
			sum[i] += v.compute(it, int64(at))
		}
	}
}

func (v *coded[I]) compute(it *columnItem, at int64) float64 {
	if uint64(at) >= uint64(len(v.dictionary)) {
		return it.adds(0, false)
	}
	return it.addsWord(v.dictionary[at])
}

func (v *coded[I]) answer(it *item, row int, a *cmiv1.Answer) {
	word := "" // is no option
	if at := int64(v.index[row]); uint64(at) < uint64(len(v.dictionary)) {
		word = v.dictionary[at]
	}
	putWord(it, word, a)
}

// Sets are answers to multiple choices: row i is the words of all from offsets[i] to before offsets[i+1].
func Sets[O, W Offset](offsets []O, all Values) Values {
	w, _ := all.(*words[W])
	return &sets[O, W]{offsets, w}
}

type sets[O, W Offset] struct {
	offsets []O
	words   *words[W]
}

func (v *sets[O, W]) Len() int { return max(len(v.offsets)-1, 0) }

func (*sets[O, W]) kind() string { return "sets of texts" }

func (v *sets[O, W]) fits(s scale) bool {
	_, ok := s.(*multipleChoice)
	return ok && v.words != nil
}

func (*sets[O, W]) prepare(*columnItem) {}

func (v *sets[O, W]) add(it *columnItem, from int, sum []float64) {
	m := it.item.scale.(*multipleChoice)
	for i := range sum {
		first, end := int(v.offsets[from+i]), int(v.offsets[from+i+1])
		var set chosen
		allowed := true
		for k := first; k < end; k++ {
			allowed = allowed && m.pick(v.words.at(k), &set) == pickedOnce
		}
		sum[i] += it.adds(m.score(end-first), allowed)
	}
}

func (v *sets[O, W]) answer(_ *item, row int, a *cmiv1.Answer) {
	picked := &cmiv1.Choices{}
	for k := int(v.offsets[row]); k < int(v.offsets[row+1]); k++ {
		picked.Values = append(picked.Values, v.words.at(k))
	}
	a.Value = &cmiv1.Answer_Choices{Choices: picked}
}
