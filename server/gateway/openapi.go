package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// describe completes the generated document: what the service is called, which version runs, how calls are let in, and that
// the stream is made of lines. Everything else stays as it is and where it is.
func describe(generated []byte, version string) ([]byte, error) {
	document, err := parseObject(generated)
	if err != nil {
		return nil, fmt.Errorf("gateway: the OpenAPI document: %w", err)
	}
	err = document.within(func(paths *object) error {
		return paths.within(func(path *object) error {
			return path.within(func(operation *object) error {
				operation.set("consumes", []string{typeNDJSON})
				operation.set("produces", []string{typeNDJSON})
				return nil
			}, "post")
		}, "/v1/scores:stream")
	}, "paths")
	if err != nil {
		return nil, fmt.Errorf("gateway: the OpenAPI document: %w", err)
	}
	document.set("info", map[string]string{
		"title":       "Customer Momentum Index",
		"description": "Scores questionnaires into the Customer Momentum Index, one by one or in bulk, and remembers the scores.",
		"version":     version,
	})
	document.set("securityDefinitions", map[string]any{"Bearer": map[string]string{
		"type": "apiKey", "in": "header", "name": "Authorization",
		"description": "`Bearer` and the API key, with a space between. Not needed where the service asks for no keys.",
	}})
	document.set("security", []map[string][]string{{"Bearer": {}}})
	return document.MarshalJSON()
}

// object is a JSON object that keeps its order, which is that of the contract and helps whoever reads it.
type object struct {
	keys   []string
	values map[string]json.RawMessage
}

func parseObject(data []byte) (*object, error) {
	o := &object{values: make(map[string]json.RawMessage)}
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("a JSON object is expected")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		o.keys = append(o.keys, name)
		o.values[name] = value
	}
	_, err := d.Token()
	return o, err
}

// set puts a value of a kind that always has a JSON form in the place of the old one, or at the end.
func (o *object) set(key string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("gateway: %s: %v", key, err))
	}
	if _, there := o.values[key]; !there {
		o.keys = append(o.keys, key)
	}
	o.values[key] = data
}

// within changes the object at key, where there is one.
func (o *object) within(change func(*object) error, key string) error {
	raw, there := o.values[key]
	if !there {
		return nil
	}
	inner, err := parseObject(raw)
	if err != nil {
		return err
	}
	if err := change(inner); err != nil {
		return err
	}
	o.values[key], err = inner.MarshalJSON()
	return err
}

// MarshalJSON writes the object in its order.
func (o *object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(o.values[key])
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
