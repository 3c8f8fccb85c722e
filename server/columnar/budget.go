package columnar

import "github.com/apache/arrow-go/v18/arrow/memory"

// budget is memory of which a batch may take so much and no more: what is compressed announces its size, and is believed.
type budget struct {
	memory.GoAllocator
	most, taken int
}

// Allocate answers memory, or panics with a [*Fault]: the readers of Arrow know no other way to be refused, and turn it back into
// an error.
func (b *budget) Allocate(size int) []byte {
	b.take(size)
	return b.GoAllocator.Allocate(size)
}

// Reallocate is Allocate of what is larger than before.
func (b *budget) Reallocate(size int, old []byte) []byte {
	if size > cap(old) {
		b.take(size)
	}
	return b.GoAllocator.Reallocate(size, old)
}

func (b *budget) take(size int) {
	// Compared so, no announcement is so large that the sum turns negative.
	if size < 0 || size > b.most-b.taken {
		panic(wrong("a batch that takes more than %d bytes once it is decompressed is not allowed; send fewer rows at once", b.most))
	}
	b.taken += size
}
