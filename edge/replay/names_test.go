// Tests of what objects are called.
package replay

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// TestNames: of each request that is read, also when they come in several batches.
func TestNames(t *testing.T) {
	for _, c := range []struct{ name, text, file, want string }{
		{"csv", "time,path,size\n1,/a,10\n2,/b,0\n3,/c,x\n" + strings.Repeat("4, /a ,10\n", 200), "t.csv", strings.Repeat("/a ", 201)},
		{"web log", plainLog, "access.log", "/a.css /a.css "},
	} {
		r, err := Open(strings.NewReader(c.text), c.file, FormatAuto, nil)
		if err != nil {
			t.Fatal(err)
		}
		named, ok := NamesOf(r)
		if !ok || !HasTimes(r) {
			t.Fatalf("%s: names %v, times %v", c.name, ok, HasTimes(r))
		}
		var got strings.Builder
		for batch := make([]Request, 2); err == nil; {
			var n int
			if n, err = named.Read(batch); n != len(named.Names()) {
				t.Fatalf("%s: %d requests, %d names", c.name, n, len(named.Names()))
			}
			for _, name := range named.Names() {
				got.WriteString(name + " ")
			}
		}
		if !errors.Is(err, io.EOF) || got.String() != c.want {
			t.Errorf("%s: %v, %s, want %s", c.name, err, got.String(), c.want)
		}
	}
	r, err := Open(strings.NewReader("id,size\n1,2\n"), "t.csv", FormatAuto, nil)
	if err != nil || HasTimes(r) {
		t.Errorf("a CSV without times: %v", err)
	}
	r, err = Open(strings.NewReader(string(record(1, 7, 10, 2))), "t.oracleGeneral", FormatAuto, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := NamesOf(r); ok || !HasTimes(r) {
		t.Error("a trace of numbers has names, or no times")
	}
}
