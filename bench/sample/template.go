package sample

import (
	"bytes"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Template is an encoded message whose ids are written anew for every use. It does not change, and is safe to share.
type Template struct {
	body               []byte
	response, customer int // where the digits of the ids end
}

func newTemplate(body []byte) Template {
	end := func(id string) int {
		at := bytes.Index(body, []byte(id))
		if at < 0 {
			panic(fmt.Sprintf("sample: the encoded message lacks %s", id))
		}
		return at + len(id)
	}
	return Template{body: body, response: end(responseID), customer: end(customerID)}
}

// Append adds the message to dst, with the ids of response n.
func (t Template) Append(dst []byte, n uint64) []byte {
	start := len(dst)
	dst = append(dst, t.body...)
	digits(dst[start:start+t.response], n)
	digits(dst[start:start+t.customer], n%customers)
	return dst
}

// digits writes n over the digits at the end of id.
func digits(id []byte, n uint64) {
	for at := len(id) - 1; n > 0; at-- {
		id[at] = '0' + byte(n%10)
		n /= 10
	}
}

// RequestTemplate is the request to score one response, as gRPC carries it.
func RequestTemplate(dryRun bool) (Template, error) {
	body, err := proto.Marshal(Request(dryRun))
	if err != nil {
		return Template{}, err
	}
	return newTemplate(body), nil
}

// HTTPTemplate is the same request as HTTP/1.1 carries it, headers included.
func HTTPTemplate(address, key string, dryRun bool) (Template, error) {
	body, err := protojson.Marshal(Request(dryRun))
	if err != nil {
		return Template{}, err
	}
	return newTemplate(fmt.Appendf(nil,
		"POST /v1/scores HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		address, key, len(body), body)), nil
}

// ChunkTemplate makes chunks of a stream.
type ChunkTemplate struct{ response Template }

// NewChunkTemplate encodes the response that chunks repeat.
func NewChunkTemplate() (ChunkTemplate, error) {
	chunk := &cmiv1.ResponseChunk{Responses: []*cmiv1.Response{Response()}}
	body, err := proto.Marshal(chunk)
	if err != nil {
		return ChunkTemplate{}, err
	}
	return ChunkTemplate{newTemplate(body)}, nil
}

// Append adds a chunk of size responses, the first of which is number n.
func (t ChunkTemplate) Append(dst []byte, sequence int32, n uint64, size int) []byte {
	head := protowire.AppendTag(nil, fieldNumber(&cmiv1.ResponseChunk{}, "sequence"), protowire.VarintType)
	head = protowire.AppendVarint(head, uint64(sequence))
	dst = protowire.AppendTag(dst, fieldNumber(&cmiv1.StreamScoresRequest{}, "chunk"), protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(len(head)+size*len(t.response.body)))
	dst = append(dst, head...)
	for i := range size {
		dst = t.response.Append(dst, n+uint64(i))
	}
	return dst
}

func fieldNumber(m proto.Message, name string) protowire.Number {
	for i, fields := 0, m.ProtoReflect().Descriptor().Fields(); i < fields.Len(); i++ {
		if string(fields.Get(i).Name()) == name {
			return fields.Get(i).Number()
		}
	}
	panic("sample: the contract lacks " + name)
}
