package tables

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// mostBatch is how many bytes reading one batch may take, whatever a file says that it holds.
const mostBatch = 512 << 20

// budget is an allocator that does not give more than so much from one refill to the next: what is compressed, or listed once and
// pointed to many times, must not fill the memory. Readers take its panics for errors of the file.
type budget struct {
	memory.Allocator
	most, left int64
}

func newBudget() *budget {
	b := &budget{Allocator: memory.NewGoAllocator(), most: mostBatch}
	b.refill()
	return b
}

func (b *budget) refill() { b.left = b.most }

func (b *budget) spend(size int) {
	if b.left -= int64(size); b.left < 0 || size < 0 {
		panic(fmt.Sprintf("a batch takes more than %d MiB of memory; write the table in smaller batches or row groups", b.most>>20))
	}
}

// Allocate is for the readers.
func (b *budget) Allocate(size int) []byte {
	b.spend(size)
	return b.Allocator.Allocate(size)
}

// Reallocate is for the readers.
func (b *budget) Reallocate(size int, old []byte) []byte {
	if size > cap(old) {
		b.spend(size)
	}
	return b.Allocator.Reallocate(size, old)
}

// guarded turns a panic of a library over a broken table into an error.
func guarded(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the table is broken: %v", r)
		}
	}()
	return do()
}
