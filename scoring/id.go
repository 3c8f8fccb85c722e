package scoring

// idAllowed says what an id may be, as the end of a sentence.
const idAllowed = "a letter or digit, then up to 127 letters, digits, dots, underscores or hyphens are"

// ValidID reports whether s can name a questionnaire, an item, a response or a customer: [A-Za-z0-9][A-Za-z0-9._-]{0,127}.
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return true
}
