package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// resolve answers the one name of the file that path leads to, so that two ways to it share one lock and one log.
func resolve(path string) (string, error) {
	if path == "" {
		return "", errors.New("the store needs the name of a file")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find the store: %w", err)
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return real, nil
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("the folder of the store is not there: make %s, or name a file elsewhere: %w", filepath.Dir(path), err)
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// create makes the file where there is none, for its owner alone: it holds what customers said. SQLite gives its log
// beside it the same permissions.
func create(path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("make the store: %w", err)
		}
		if err := file.Close(); err != nil {
			return nil, fmt.Errorf("make the store: %w", err)
		}
		info, err = os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("make the store: %w", err)
		}
		return info, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the store: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file: name a file for the store", path)
	}
	return info, nil
}

// address is how SQLite is told which file to open and how. The path is escaped: it may hold question marks and percent
// signs.
func address(path string, settings url.Values) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive letter
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: settings.Encode()}).String()
}

// looking are the settings with which a file is met that may be anyone's: they change nothing about it.
func looking() url.Values {
	return url.Values{"_pragma": {"busy_timeout(5000)", "trusted_schema(OFF)"}, "_dqs": {"0"}}
}

// writing are the settings of the connection that writes. FULL: an acknowledged write survives the loss of power. The
// log is folded into the file every 8,192 pages (32 MiB): random index pages that change again and again are then
// written back once, and reading the log after a crash still takes a blink. What is freed within the file is overwritten
// by zeros from the start, not only while something is erased: it may be an older place of what is erased later.
func writing() url.Values {
	return url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			"busy_timeout(5000)",
			"journal_mode(WAL)",
			"synchronous(FULL)",
			"wal_autocheckpoint(8192)",
			"journal_size_limit(67108864)",
			"cache_size(-65536)",
			"temp_store(MEMORY)",
			"foreign_keys(ON)",
			"secure_delete(ON)",
			"trusted_schema(OFF)",
		},
		"_dqs": {"0"},
	}
}

// reading are the settings of a connection that only reads.
func reading() url.Values {
	return url.Values{
		"mode": {"ro"},
		"_pragma": {
			"busy_timeout(5000)",
			"cache_size(-32768)",
			"temp_store(MEMORY)",
			"trusted_schema(OFF)",
		},
		"_query_only": {"1"},
		"_dqs":        {"0"},
	}
}
