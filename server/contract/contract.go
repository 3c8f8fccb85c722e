// Package contract applies the rules that stand in the contract beside its fields, and says in words which are broken.
package contract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/fault"
)

// Contract checks messages. It is safe for concurrent use.
type Contract struct {
	validator protovalidate.Validator
}

// New makes one. What it needs to know of a message it learns when the first of its kind is checked.
func New() (*Contract, error) {
	validator, err := protovalidate.New()
	if err != nil {
		return nil, fmt.Errorf("make the validator of messages: %w", err)
	}
	return &Contract{validator: validator}, nil
}

// Check answers nil when the message keeps all rules, and else a refusal (INVALID_REQUEST) that lists all broken ones at
// once.
func (c *Contract) Check(message proto.Message) error {
	err := c.validator.Validate(message)
	if err == nil {
		return nil
	}
	broken, ok := errors.AsType[*protovalidate.ValidationError](err)
	if !ok {
		return fmt.Errorf("validate %s: %w", message.ProtoReflect().Descriptor().FullName(), err)
	}
	return refusal(message.ProtoReflect().Descriptor(), broken)
}

func refusal(of protoreflect.MessageDescriptor, broken *protovalidate.ValidationError) error {
	out := &fault.Error{Reason: cmiv1.ErrorReason_INVALID_REQUEST}
	var said []string
	for _, b := range broken.Violations {
		one := fault.Violation{Field: protovalidate.FieldPathString(b.Proto.GetField())}
		one.Description = inWords(of, one.Field, b.Proto.GetMessage()) + got(b.FieldValue)
		out.Violations = append(out.Violations, one)
		said = append(said, strings.TrimPrefix(one.Field+": "+one.Description, ": "))
	}
	out.Message = strings.Join(said, "; ")
	return out
}

// idPattern is how the contract bounds ids; idWords says it to people.
const (
	idPattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
	idWords   = "must be a letter or digit, then up to 127 letters, digits, dots, underscores or hyphens"
)

// inWords says a broken rule to people where the library speaks of patterns and oneofs.
func inWords(of protoreflect.MessageDescriptor, field, message string) string {
	if strings.Contains(message, idPattern) {
		return idWords
	}
	if oneof := of.Oneofs().ByName(protoreflect.Name(field)); oneof != nil {
		names := make([]string, oneof.Fields().Len())
		for i := range names {
			names[i] = string(oneof.Fields().Get(i).Name())
		}
		return "exactly one of " + strings.Join(names, ", ") + " must be given"
	}
	return message
}

// got quotes the value at fault where it is short enough to help.
func got(value protoreflect.Value) string {
	const most = 100
	if !value.IsValid() {
		return ""
	}
	switch v := value.Interface().(type) {
	case string:
		if v != "" && len(v) <= most {
			return ", got " + strconv.Quote(v)
		}
	case int32, int64, uint32, uint64, float32, float64, bool, protoreflect.EnumNumber:
		return fmt.Sprintf(", got %v", v)
	}
	return ""
}
