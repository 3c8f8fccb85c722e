package scoring

import (
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// defined reports whether the contract knows the number of an enum.
func defined(e protoreflect.Enum) bool {
	return e.Descriptor().Values().ByNumber(e.Number()) != nil
}

// enumName gives the contract's name of an enum's value, or its number when it has none.
func enumName(e protoreflect.Enum) string {
	if v := e.Descriptor().Values().ByNumber(e.Number()); v != nil {
		return string(v.Name())
	}
	return strconv.Itoa(int(e.Number()))
}

// enum checks that a value is one that the contract knows.
func (f *faults) enum(at, field string, e protoreflect.Enum) {
	if !defined(e) {
		f.add(at, field, "%d is not allowed; the values of %s are", e.Number(), e.Descriptor().Name())
	}
}
