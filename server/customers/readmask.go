package customers

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// fields is what a read mask asks for of a message: each field with what is asked for within it. nil is all of it.
type fields map[protoreflect.Name]fields

// parseReadMask reads a mask over a message. Without paths it is all of it.
func parseReadMask(asked *fieldmaskpb.FieldMask, of protoreflect.MessageDescriptor) (fields, error) {
	if len(asked.GetPaths()) == 0 {
		return nil, nil
	}
	root := make(fields)
	for _, path := range asked.GetPaths() {
		if path == everything {
			return nil, nil
		}
		if err := root.add(of, path, strings.Split(path, ".")); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// add asks for what a path leads to.
func (f fields) add(of protoreflect.MessageDescriptor, path string, names []string) error {
	name := protoreflect.Name(names[0])
	fd := of.Fields().ByName(name)
	if fd == nil {
		return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "read_mask", "%.140q: %s has no field %.60q", path, of.Name(), name)
	}
	within, asked := f[name]
	if len(names) == 1 {
		f[name] = nil
		return nil
	}
	if fd.Message() == nil || fd.IsList() || fd.IsMap() || fd.Message().ParentFile().Package() != of.ParentFile().Package() {
		return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "read_mask", "%.140q goes into a plain value, list or map; name all of %q", path, name)
	}
	if asked && within == nil {
		// All of it is asked for already; the rest of the path is checked all the same.
		return make(fields).add(fd.Message(), path, names[1:])
	}
	if within == nil {
		within = make(fields)
		f[name] = within
	}
	return within.add(fd.Message(), path, names[1:])
}

// wants tells whether anything of a field is asked for.
func (f fields) wants(name protoreflect.Name) bool {
	_, asked := f[name]
	return f == nil || asked
}

// prune clears what is not asked for.
func (f fields) prune(message protoreflect.Message) {
	if f == nil {
		return
	}
	message.Range(func(fd protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		within, asked := f[fd.Name()]
		switch {
		case !asked:
			message.Clear(fd)
		case within != nil:
			within.prune(value.Message())
		}
		return true
	})
}
