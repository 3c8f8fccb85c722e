// Package openapi carries the OpenAPI document that is generated from the contracts, so that the service can serve it. This
// file is the only one under gen that is written by hand: an embedded file must lie beside the code that embeds it.
package openapi

import _ "embed"

// Document is the OpenAPI 2.0 document, as JSON. Callers must not change it.
//
//go:embed cmi.swagger.json
var Document []byte
