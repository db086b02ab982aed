// Opening a trace: which format it is of, and whether it is compressed.
package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// The formats.
const (
	FormatAuto   = "auto"
	FormatOracle = "oracle-general"
	FormatCSV    = "csv"
	FormatWeblog = "web-log"
)

// Formats lists them.
func Formats() []string { return []string{FormatAuto, FormatOracle, FormatCSV, FormatWeblog} }

// maxWindow bounds the memory that a compressed trace may ask for.
const maxWindow = 128 << 20

// readSize is how much is read at a time.
const readSize = 1 << 17

// Open returns a Reader of what is in a file, gzip and zstd taken off. name is the
// file's, by which an oracleGeneral trace is known; the others are by their first line.
// columns, of a CSV without names of columns, may be nil.
func Open(from io.Reader, name, format string, columns *Columns) (Reader, error) {
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("replay: unknown format %q; known: %s", format, strings.Join(Formats(), ", "))
	}
	plain, err := unpack(from)
	if err != nil {
		return nil, err
	}
	b := bufio.NewReaderSize(plain, readSize)
	if format == FormatAuto {
		if format, err = detect(b, name); err != nil {
			return nil, err
		}
	}
	switch format {
	case FormatOracle:
		return newOracle(b), nil
	case FormatWeblog:
		return newWeblog(b), nil
	}
	return newCSV(b, columns)
}

// unpack takes gzip or zstd off, whatever the file is called.
func unpack(from io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(from, 1<<16)
	magic, _ := b.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return gzip.NewReader(b)
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	}
	return b, nil
}

func detect(b *bufio.Reader, name string) (string, error) {
	if strings.Contains(strings.ToLower(name), "oraclegeneral") {
		return FormatOracle, nil
	}
	head, _ := b.Peek(1 << 12)
	first, _, _ := bytes.Cut(head, []byte("\n"))
	if slices.ContainsFunc(first, func(c byte) bool { return c < ' ' && c != '\t' && c != '\r' }) {
		return "", fmt.Errorf("replay: it is no text; say which --layout it is of: %s", FormatOracle)
	}
	if _, err := parseLog(string(first)); err == nil {
		return FormatWeblog, nil
	}
	return FormatCSV, nil
}
