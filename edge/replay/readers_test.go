// Tests of the readers: formats, compression, and what cannot be read.
package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// readAll reads a trace in batches of two.
func readAll(r Reader) (all []Request, err error) {
	for batch := make([]Request, 2); ; {
		n, err := r.Read(batch)
		all = append(all, batch[:n]...)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

func record(at uint32, id uint64, size uint32, next int64) []byte {
	b := make([]byte, oracleRecord)
	binary.LittleEndian.PutUint32(b, at)
	binary.LittleEndian.PutUint64(b[4:], id)
	binary.LittleEndian.PutUint32(b[12:], size)
	binary.LittleEndian.PutUint64(b[16:], uint64(next))
	return b
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func zstandard(text string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(text), nil))
}

const plainCSV = "time,id,size\n1,7,10\n2.5,8,20\n3,7,10\n"

const plainLog = `10.0.0.1 - - [17/May/2015:10:05:03 +0000] "GET /a.css HTTP/1.1" 200 1024 "-" "x"
10.0.0.2 - joe [17/May/2015:10:05:04 +0000] "POST /buy HTTP/1.1" 200 5
10.0.0.3 - - [17/May/2015:12:05:05 +0200] "GET /a.css HTTP/1.1" 304 0 "-" "x"
10.0.0.3 - - [17/May/2015:10:05:06 +0000] "GET /new HTTP/1.1" 304 - "-" "x"
10.0.0.3 - - [17/May/2015:10:05:07 +0000] "GET /none HTTP/1.1" 404 200 "-" "x"
`

func TestReaders(t *testing.T) {
	oracleText := string(append(append(record(1, 7, 10, 2), record(2, 8, 0, Never)...), record(3, 7, 10, Never)...))
	css := idOf("/a.css")
	for _, c := range []struct {
		name, file, format, columns, text string
		want, notes                       string
	}{
		{"csv", "t.csv", FormatAuto, "", plainCSV, "[{1 7 10 -2} {2.5 8 20 -2} {3 7 10 -2}]", "{4 0 0 0 []}"},
		{"csv, gzip", "t.csv.gz", FormatAuto, "", gzipped(plainCSV), "[{1 7 10 -2} {2.5 8 20 -2} {3 7 10 -2}]", "{4 0 0 0 []}"},
		{"csv, zstd, whatever its name", "t", FormatAuto, "", zstandard(plainCSV), "[{1 7 10 -2} {2.5 8 20 -2} {3 7 10 -2}]", "{4 0 0 0 []}"},
		{"csv without names", "t.csv", FormatAuto, "id,size", "7,10\n8,0\n", "[{0 7 10 -2}]", "{2 0 1 0 []}"},
		{"csv with blanks", "t.csv", FormatAuto, "", "time id size\n1 7 10\n", "[{1 7 10 -2}]", "{2 0 0 0 []}"},
		{"csv of a web server", "t.csv", FormatAuto, "", "time,id,method,status,size\n1,7,GET,200,10\n2,7,GET,304,0\n3,8,GET,304,0\n4,9,POST,200,5\n5,9,GET,404,5\n",
			"[{1 7 10 -2} {2 7 10 -2}]", "{6 0 1 2 []}"},
		{"csv of statuses", "t.csv", FormatAuto, "", "id,status\n7,200\n8,500\n", "[{0 7 1 -2}]", "{3 0 0 1 []}"},
		{"csv of methods", "t.csv", FormatAuto, "", "id,method\n7,GET\n8,PUT\n", "[{0 7 1 -2}]", "{3 0 0 1 []}"},
		{"csv with a comma in quotes", "t.csv", FormatAuto, "", "time,path,size\n1,\"/a,b\",10\n", fmt.Sprintf("[{1 %d 10 -2}]", idOf("/a,b")), "{2 0 0 0 []}"},
		{"csv without sizes", "t.csv", FormatAuto, "", "key\n/a\n", fmt.Sprintf("[{0 %d 1 -2}]", idOf("/a")), "{2 0 0 0 []}"},
		{"oracleGeneral", "t.oracleGeneral.bin", FormatAuto, "", oracleText, "[{1 7 10 2} {3 7 10 -1}]", "{3 0 1 0 []}"},
		{"oracleGeneral by its format", "t.bin", FormatOracle, "", zstandard(oracleText), "[{1 7 10 2} {3 7 10 -1}]", "{3 0 1 0 []}"},
		{"web log", "access.log", FormatAuto, "", plainLog, fmt.Sprintf("[{1.431857103e+09 %d 1024 -2} {1.431857105e+09 %d 1024 -2}]", css, css), "{5 0 1 2 []}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var columns *Columns
			if c.columns != "" {
				found, err := ParseColumns(strings.Split(c.columns, ","))
				if err != nil {
					t.Fatal(err)
				}
				columns = &found
			}
			r, err := Open(strings.NewReader(c.text), c.file, c.format, columns)
			if err != nil {
				t.Fatal(err)
			}
			all, err := readAll(r)
			if err != nil || fmt.Sprint(all) != c.want || fmt.Sprint(*r.Problems()) != c.notes {
				t.Errorf("%v %v %v\nwant %s %s", all, *r.Problems(), err, c.want, c.notes)
			}
		})
	}
}

// TestUnreadable: what cannot be read is said with its line, and too much of it is an
// error.
func TestUnreadable(t *testing.T) {
	long := "time,id,size\n" + strings.Repeat("1,7,10\n", 300)
	for _, c := range []struct{ name, file, text, want string }{
		{"one line in 300", "t.csv", long + "1,7,x\n", `1 bad, line 302: "x" is no size in bytes`},
		{"one in three", "t.csv", "time,id,size\n1,7,x\n1,7,10\n", `1 of 3 lines cannot be read, the first is line 2: "x" is no size in bytes; is it of another format?`},
		{"too few columns", "t.csv", long + "1\n", "1 bad, line 302: has 1 columns, not 3"},
		{"no status", "t.csv", "id,status\n" + strings.Repeat("7,200\n", 300) + "7,ok\n", `1 bad, line 302: "ok" is no status`},
		{"no time", "t.csv", long + "noon,7,1\n", `1 bad, line 302: "noon" is no time in seconds`},
		{"nothing", "t.csv", "", "it is empty"},
		{"counts", "t.csv", "utc_minute,requests\n", "it says how many requests came, and not what for: no cache can be played with that, but it can be a scenario's load (load.trace)"},
		{"no such column", "t.csv", "when,what\n", "no column says which object: one of id, key, object, obj_id, object_id, url, path; there are when, what"},
		{"binary", "t.bin", string(record(1, 7, 10, 2)), "replay: it is no text; say which --layout it is of: oracle-general"},
		{"half a record", "t.oracleGeneral", string(record(1, 7, 10, 2)[:20]), "1 of 1 lines cannot be read, the first is line 1: the file ends in the middle of a record; is it of another format?"},
		{"a long line", "t.csv", "time,id,size\n" + strings.Repeat("x", 2*longestLine), "line 2 is longer than 1048576 bytes: is it of another format?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Open(strings.NewReader(c.text), c.file, FormatAuto, nil)
			if err == nil {
				_, err = readAll(r)
			}
			got := fmt.Sprint(err)
			if err == nil {
				p := r.Problems()
				got = fmt.Sprintf("%d bad, line %d: %s", p.Bad, p.First[0].Line, p.First[0].Why)
			}
			if got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// FuzzOpen: whatever a file holds, it is read or refused.
func FuzzOpen(f *testing.F) {
	for _, text := range []string{plainCSV, plainLog, gzipped(plainCSV), zstandard(plainLog), string(record(1, 7, 10, 2)), "key\n/a\n"} {
		for _, format := range Formats() {
			f.Add([]byte(text), format)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, format string) {
		r, err := Open(bytes.NewReader(text), "t", format, nil)
		if err != nil {
			return
		}
		batch := make([]Request, 16)
		for range 100 {
			n, err := r.Read(batch)
			for _, q := range batch[:n] {
				if q.Size <= 0 {
					t.Fatalf("a request of %d bytes", q.Size)
				}
			}
			if err != nil {
				return
			}
		}
	})
}
