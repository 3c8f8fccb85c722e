package inproc

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// share gives dst the fields of src without copying what they hold: the two are one message from then on, and src must not
// be used any more.
func share(dst, src any) error {
	to, ok := dst.(proto.Message)
	if !ok {
		return status.Errorf(codes.Internal, "%T is not a message", dst)
	}
	from, ok := src.(proto.Message)
	if !ok {
		return status.Errorf(codes.Internal, "%T is not a message", src)
	}
	d, s := to.ProtoReflect(), from.ProtoReflect()
	if d.Descriptor() != s.Descriptor() {
		return status.Errorf(codes.Internal, "%s was given for %s", s.Descriptor().FullName(), d.Descriptor().FullName())
	}
	if !s.IsValid() {
		return status.Errorf(codes.Internal, "a nil %s was sent", s.Descriptor().FullName())
	}
	proto.Reset(to)
	s.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		d.Set(field, value)
		return true
	})
	d.SetUnknown(s.GetUnknown())
	return nil
}
