// Command thirdparty prints the .proto files of others that the contracts import.
//
// The service links Go packages generated from these files, and each package carries the descriptors of its own. Printing
// them from there needs no network and no schema registry, and the versions are those of go.sum.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	// Each import registers the descriptors of some of the roots.
	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "cloud.google.com/go/longrunning/autogen/longrunningpb"
	_ "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	_ "google.golang.org/genproto/googleapis/rpc/status"
)

// roots are the files that the contracts may import; what these import in turn is printed too.
var roots = []string{
	"buf/validate/validate.proto",
	"google/api/annotations.proto",
	"google/api/field_behavior.proto",
	"google/longrunning/operations.proto",
	"google/rpc/error_details.proto",
	"google/rpc/status.proto",
	"protoc-gen-openapiv2/options/annotations.proto",
}

// out is the module that buf.yaml lists, seen from the root of the repository. Git ignores it.
const out = "proto/thirdparty/out"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "thirdparty:", err)
		os.Exit(1)
	}
}

func run() error {
	files := map[string]protoreflect.FileDescriptor{}
	for _, root := range roots {
		if err := collect(root, files); err != nil {
			return err
		}
	}

	// A file that nothing imports any more would otherwise linger from an earlier run.
	if err := os.RemoveAll(out); err != nil {
		return err
	}

	printer := protoprint.Printer{SortElements: true}
	for path, file := range files {
		text, err := printer.PrintProtoToString(file)
		if err != nil {
			return fmt.Errorf("print %s: %w", path, err)
		}

		target := filepath.Join(out, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		// Names of operations have one part, which the OpenAPI document can say where they may not have several.
		text = strings.ReplaceAll(text, "{name=operations/**}", "{name=operations/*}")
		if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// collect adds the file at path and all that it imports to files.
func collect(path string, files map[string]protoreflect.FileDescriptor) error {
	// buf has the well-known types built in; a second copy would be a duplicate.
	if strings.HasPrefix(path, "google/protobuf/") || files[path] != nil {
		return nil
	}
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil {
		return fmt.Errorf("no linked package carries %s: %w", path, err)
	}
	files[path] = file
	for i := range file.Imports().Len() {
		if err := collect(file.Imports().Get(i).Path(), files); err != nil {
			return err
		}
	}
	return nil
}
