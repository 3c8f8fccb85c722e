package tables

import "bytes"

// cells cuts the rows of a CSV text into cells, as RFC 4180 has them.
type cells struct {
	text []byte
	at   int
	stop [256]bool // the bytes at which a bare cell ends, or breaks
	// room holds a cell whose quotes were doubled, until the next one.
	room []byte
	// ended tells that the last cell was the last one of its row.
	ended bool
}

func newCells(delimiter byte) *cells {
	c := &cells{}
	c.stop[delimiter], c.stop['\n'], c.stop['"'] = true, true, true
	return c
}

// blank passes over an empty line.
func (c *cells) blank() bool {
	switch rest := c.text[c.at:]; {
	case len(rest) > 0 && rest[0] == '\n':
		c.at++
	case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
		c.at += 2
	default:
		return false
	}
	return true
}

// next answers the next cell. What is wrong is said of the place where it stands.
func (c *cells) next() (cell []byte, wrong string) {
	text, at := c.text, c.at
	if at < len(text) && text[at] == '"' {
		return c.quoted()
	}
	start := at
	for at < len(text) && !c.stop[text[at]] {
		at++
	}
	cell = text[start:at]
	c.ended = at == len(text) || text[at] == '\n'
	c.at = at + 1
	if !c.ended {
		if text[at] == '"' {
			return nil, "a quote stands within a cell that does not begin with one; such a cell is quoted, and its quotes doubled"
		}
		return cell, ""
	}
	if n := len(cell); n > 0 && cell[n-1] == '\r' {
		cell = cell[:n-1]
	}
	return cell, ""
}

// quoted answers a cell that begins with a quote.
func (c *cells) quoted() (cell []byte, wrong string) {
	c.at++
	start, doubled := c.at, false
	c.room = c.room[:0]
	for {
		length := bytes.IndexByte(c.text[c.at:], '"')
		if length < 0 {
			c.at = start - 1
			return nil, "a quote is opened here and never closed"
		}
		part := c.text[c.at : c.at+length]
		c.at += length + 1
		if c.at < len(c.text) && c.text[c.at] == '"' {
			c.room = append(append(c.room, part...), '"')
			c.at, doubled = c.at+1, true
			continue
		}
		cell = part
		if doubled {
			c.room = append(c.room, part...)
			cell = c.room
		}
		return cell, c.closed()
	}
}

// closed passes over what comes after the closing quote.
func (c *cells) closed() (wrong string) {
	rest := c.text[c.at:]
	switch {
	case len(rest) == 0:
		c.ended = true
	case rest[0] == '\n':
		c.at, c.ended = c.at+1, true
	case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
		c.at, c.ended = c.at+2, true
	case rest[0] != '"' && c.stop[rest[0]]:
		c.at, c.ended = c.at+1, false
	default:
		c.at--
		return "a quoted cell goes on after its closing quote; quotes within are doubled"
	}
	return ""
}
