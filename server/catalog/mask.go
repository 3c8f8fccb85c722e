package catalog

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// serviceFields are set by the service, so no mask may name them.
var serviceFields = map[protoreflect.Name]bool{
	"questionnaire_id": true, "version": true, "etag": true, "state": true,
	"created_at": true, "updated_at": true, "published_at": true, "archived_at": true,
}

// mask is the fields that an update changes, each as the way down to it.
type mask [][]protoreflect.FieldDescriptor

// parseMask reads the paths of an update mask. `*` is every field that a client may set.
func parseMask(paths []string) (mask, error) {
	root := (&cmiv1.Questionnaire{}).ProtoReflect().Descriptor()
	if len(paths) == 0 {
		return nil, refuseMask("name the fields to change, such as title or items, or * for all")
	}
	var m mask
	for _, path := range paths {
		if path == "*" {
			if len(paths) > 1 {
				return nil, refuseMask("* stands for every field and stands alone")
			}
			for i := range root.Fields().Len() {
				if fd := root.Fields().Get(i); !serviceFields[fd.Name()] {
					m = append(m, []protoreflect.FieldDescriptor{fd})
				}
			}
			return m, nil
		}
		way, err := parsePath(root, path)
		if err != nil {
			return nil, err
		}
		m = append(m, way)
	}
	return m, nil
}

func parsePath(message protoreflect.MessageDescriptor, path string) ([]protoreflect.FieldDescriptor, error) {
	var way []protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(path, ".") {
		if message == nil {
			return nil, refuseMask("%q goes into a list or a plain value; name the whole field", path)
		}
		fd := message.Fields().ByName(protoreflect.Name(name))
		if fd == nil {
			return nil, refuseMask("a questionnaire has no field %q", path)
		}
		if len(way) == 0 && serviceFields[fd.Name()] {
			return nil, refuseMask("%q is set by the service and cannot be changed", path)
		}
		way = append(way, fd)
		message = nil
		if fd.Message() != nil && !fd.IsList() && !fd.IsMap() {
			message = fd.Message()
		}
	}
	return way, nil
}

// apply sets each field of the mask in to from its value in from; a field that from lacks is cleared.
func (m mask) apply(to, from *cmiv1.Questionnaire) {
	// A copy, so that to never shares memory with the request.
	source := proto.CloneOf(from).ProtoReflect()
	for _, way := range m {
		target, origin := to.ProtoReflect(), source
		last := len(way) - 1
		for _, fd := range way[:last] {
			target, origin = target.Mutable(fd).Message(), origin.Get(fd).Message()
		}
		if leaf := way[last]; origin.Has(leaf) {
			target.Set(leaf, origin.Get(leaf))
		} else {
			target.Clear(leaf)
		}
	}
}

func refuseMask(format string, args ...any) error {
	return fault.Field(cmiv1.ErrorReason_INVALID_REQUEST, "update_mask", format, args...)
}
