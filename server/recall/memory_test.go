package recall

import "testing"

func TestRemembersUntilForgotten(t *testing.T) {
	t.Parallel()
	m := &Memory[string, int]{Most: 10}
	if _, known, turn := m.Get("a"); known {
		t.Error("an empty memory knows something")
	} else {
		m.Put("a", 1, turn)
		m.Put("b", 2, turn)
	}
	m.Forget(func(key string) bool { return key == "a" })
	if _, known, _ := m.Get("a"); known {
		t.Error("what was forgotten is known")
	}
	if value, known, _ := m.Get("b"); !known || value != 2 {
		t.Errorf("got %v, %v for what was not forgotten", value, known)
	}
}

// TestWhatWasReadBeforeAChangeIsNotPut: whoever reads, and is overtaken by a change, must not put what was before.
func TestWhatWasReadBeforeAChangeIsNotPut(t *testing.T) {
	t.Parallel()
	m := &Memory[string, int]{Most: 10}
	_, _, turn := m.Get("a")
	m.Forget(func(string) bool { return false })
	m.Put("a", 1, turn)
	if _, known, _ := m.Get("a"); known {
		t.Error("a value of before the change is remembered")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := &Memory[int, int]{Most: 3}
	for i := range 100 {
		_, _, turn := m.Get(i)
		m.Put(i, i, turn)
		if n := len(m.values); n > 3 {
			t.Fatalf("%d values are remembered", n)
		}
		if value, known, _ := m.Get(i); !known || value != i {
			t.Fatalf("the last one is not remembered")
		}
	}
}
