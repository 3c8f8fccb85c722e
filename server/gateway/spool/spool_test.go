package spool_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/customer-momentum/cmi/server/gateway/spool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestOrder writes pieces of every size from one goroutine and reads them from another, through memory, file and around the
// end of the file.
func TestOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		dir := t.TempDir()
		s := spool.New(spool.Limits{Memory: 100, Total: 1000, Dir: dir})
		var want bytes.Buffer
		done := make(chan []byte)
		pauses := rand.New(rand.NewPCG(seed, 2))
		go func() {
			var got []byte
			buf := make([]byte, 64)
			for {
				n, err := s.Read(buf[:1+pauses.IntN(64)])
				got = append(got, buf[:n]...)
				if err != nil {
					done <- got
					return
				}
				if pauses.IntN(20) == 0 {
					time.Sleep(50 * time.Microsecond)
				}
			}
		}()
		for range 2000 {
			p := make([]byte, random.IntN(90))
			for i := range p {
				p[i] = byte(random.Uint32())
			}
			for {
				err := s.Append(p)
				if err == nil {
					break
				}
				if !errors.Is(err, spool.ErrFull) {
					t.Fatal(err)
				}
				<-s.Drained()
			}
			want.Write(p)
		}
		s.Close([]byte("the end"))
		want.WriteString("the end")
		if got := <-done; !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("seed %d: %d bytes came out, %d went in", seed, len(got), want.Len())
		}
		s.Discard(nil)
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Fatalf("left behind: %v %v", left, err)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	s := spool.New(spool.Limits{Memory: 10, Total: 30, Dir: t.TempDir()})
	defer s.Discard(nil)
	if err := s.Append(make([]byte, 25)); err != nil || s.Len() != 25 {
		t.Fatalf("a large first append: %v", err)
	}
	if err := s.Append(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if err := s.Append([]byte{1}); !errors.Is(err, spool.ErrFull) || s.Len() != 30 {
		t.Fatalf("beyond the bound: %v", err)
	}
	s.Close(make([]byte, 7))
	if err := s.Append(nil); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	if all, err := io.ReadAll(s); err != nil || len(all) != 37 {
		t.Errorf("%d bytes, %v", len(all), err)
	}
}

func TestDiscardEndsARead(t *testing.T) {
	t.Parallel()
	s := spool.New(spool.Limits{Memory: 10})
	gone := errors.New("gone")
	done := make(chan error)
	go func() {
		_, err := s.Read(make([]byte, 1))
		done <- err
	}()
	time.Sleep(time.Millisecond)
	s.Discard(gone)
	if err := <-done; !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
	if err := s.Append([]byte{1}); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestAFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := spool.New(spool.Limits{Memory: 1, Total: 100, Dir: "/nonexistent"})
	defer s.Discard(nil)
	if err := s.Append([]byte("12")); err != nil {
		t.Fatal(err)
	}
	if err := s.Append([]byte("3")); err == nil || errors.Is(err, spool.ErrFull) {
		t.Errorf("%v", err)
	}
	s.Close(nil)
	if all, err := io.ReadAll(s); err != nil || string(all) != "12" {
		t.Errorf("%q %v", all, err)
	}
}
