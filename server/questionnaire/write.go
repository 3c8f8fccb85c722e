package questionnaire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// WriteJSON writes a questionnaire as indented JSON, fields in the order of the contract. The same questionnaire always
// gives the same bytes, and Read answers an equal questionnaire.
func WriteJSON(q *cmiv1.Questionnaire) []byte {
	var b bytes.Buffer
	writeJSON(&b, outlineOf(q.ProtoReflect()), "")
	b.WriteByte('\n')
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, n *node, indent string) {
	deeper := indent + "  "
	switch n.kind {
	case kindMapping:
		b.WriteByte('{')
		for i, e := range n.entries {
			separate(b, i, deeper)
			writeJSONText(b, e.key)
			b.WriteString(": ")
			writeJSON(b, e.value, deeper)
		}
		if len(n.entries) > 0 {
			b.WriteString("\n" + indent)
		}
		b.WriteByte('}')
	case kindList:
		b.WriteByte('[')
		for i, item := range n.items {
			separate(b, i, deeper)
			writeJSON(b, item, deeper)
		}
		if len(n.items) > 0 {
			b.WriteString("\n" + indent)
		}
		b.WriteByte(']')
	case kindString:
		writeJSONText(b, n.text)
	default:
		b.WriteString(n.text)
	}
}

func separate(b *bytes.Buffer, i int, indent string) {
	if i > 0 {
		b.WriteByte(',')
	}
	b.WriteString("\n" + indent)
}

// writeJSONText writes text in quotes, letters and < > & as they are.
func writeJSONText(b *bytes.Buffer, text string) {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(text) == nil {
		b.Truncate(b.Len() - 1) // Encode ends with a line break.
	}
}

// WriteYAML writes a questionnaire as YAML 1.2, fields in the order of the contract. The same questionnaire always gives
// the same bytes, and Read answers an equal questionnaire.
func WriteYAML(q *cmiv1.Questionnaire) []byte {
	var b bytes.Buffer
	root := outlineOf(q.ProtoReflect())
	if len(root.entries) == 0 {
		return []byte("{}\n")
	}
	writeYAMLMapping(&b, root, "")
	return b.Bytes()
}

// writeYAMLMapping writes the entries, each on a line of its own. The caller has written the indent of the first line
// already where it stands behind the hyphen of a list.
func writeYAMLMapping(b *bytes.Buffer, n *node, indent string) {
	for i, e := range n.entries {
		if i > 0 {
			b.WriteString(indent)
		}
		b.WriteString(yamlText(e.key) + ":")
		writeYAMLValue(b, e.value, indent)
	}
}

// writeYAMLValue writes what stands behind a key's colon, the line break included.
func writeYAMLValue(b *bytes.Buffer, n *node, indent string) {
	switch {
	case n.kind == kindMapping && len(n.entries) > 0:
		b.WriteString("\n" + indent + "  ")
		writeYAMLMapping(b, n, indent+"  ")
	case n.kind == kindList && len(n.items) > 0:
		b.WriteByte('\n')
		for _, item := range n.items {
			b.WriteString(indent + "  - ")
			if item.kind == kindMapping && len(item.entries) > 0 {
				writeYAMLMapping(b, item, indent+"    ")
				continue
			}
			b.WriteString(yamlScalar(item) + "\n")
		}
	case n.kind == kindString && isBlock(n.text):
		b.WriteString(" |-\n")
		for line := range strings.SplitSeq(n.text, "\n") {
			if line != "" {
				b.WriteString(indent + "  " + line)
			}
			b.WriteByte('\n')
		}
	default:
		b.WriteString(" " + yamlScalar(n) + "\n")
	}
}

func yamlScalar(n *node) string {
	switch n.kind {
	case kindMapping:
		return "{}"
	case kindList:
		return "[]"
	case kindString:
		return yamlText(n.text)
	}
	return n.text
}

// plainYAML matches text that starts with a letter and holds nothing that YAML could take for anything else than text.
var plainYAML = regexp.MustCompile(`^\pL[\pL\pM\pN '’"()/.,;!?=%+&*_–—…:-]*$`)

// yamlText writes text plain where every reader of YAML takes it for text, and in double quotes otherwise.
func yamlText(text string) string {
	if plainYAML.MatchString(text) && !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") &&
		!strings.HasSuffix(text, " ") && !isYAMLWord(text) {
		return text
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// isYAMLWord tells whether some version of YAML reads the word as a boolean, a null or a number.
func isYAMLWord(text string) bool {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity":
		return true
	}
	return false
}

// isBlock tells whether text has several lines that a block of YAML shows as they are.
func isBlock(text string) bool {
	if !strings.Contains(text, "\n") || strings.HasSuffix(text, "\n") {
		return false
	}
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) != line || i == 0 && line == "" {
			return false
		}
		for _, r := range line {
			if !unicode.IsPrint(r) {
				return false
			}
		}
	}
	return true
}
