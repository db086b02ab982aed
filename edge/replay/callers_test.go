// Tests of who asked.
package replay

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// callersOf reads a trace in batches of two and says who asked for each request.
func callersOf(text, name, by string) (from []uint64, pops []string, err error) {
	r, err := Open(strings.NewReader(text), name, FormatAuto, nil)
	if err != nil {
		return nil, nil, err
	}
	c, err := CallersOf(r, by)
	if err != nil {
		return nil, nil, err
	}
	for batch := make([]Request, 2); ; {
		n, err := c.Read(batch)
		if len(c.From()) != n {
			return nil, nil, fmt.Errorf("%d requests from %d", n, len(c.From()))
		}
		from = append(from, c.From()...)
		if errors.Is(err, io.EOF) {
			return from, c.Pops(), nil
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

// TestCallers: a CSV's columns and a web log's first field say who asked, of the
// requests that are none of those left out.
func TestCallers(t *testing.T) {
	a, b := xxhash.Sum64String("a"), xxhash.Sum64String("b")
	const csv = "time,id,size,ip,colo\n1,7,10,a,fra\n2,7,0,b,ams\n3,8,10,b,ams\n4,8,10,a,fra\n"
	var many strings.Builder
	many.WriteString("id,pop\n")
	for i := range maxPops + 1 {
		fmt.Fprintf(&many, "1,p%d\n", i)
	}
	for _, c := range []struct{ name, text, file, by, want string }{
		{"clients", csv, "t.csv", ByClient, fmt.Sprint([]uint64{a, b, a}, []string(nil))},
		{"PoPs", csv, "t.csv", ByPop, "[0 1 0] [fra ams]"},
		{"web log", plainLog, "access.log", ByClient, fmt.Sprint([]uint64{xxhash.Sum64String("10.0.0.1"), xxhash.Sum64String("10.0.0.3")}, []string(nil))},
		{"web log, PoPs", plainLog, "access.log", ByPop, "the log of a web server has no PoPs: tell its clients apart"},
		{"no client", plainCSV, "t.csv", ByClient, "no column says which client: one of client, client_id, client_ip, ip, c-ip, remote_addr, user, user_id"},
		{"too many PoPs", many.String(), "t.csv", ByPop, "it is of more than 256 PoPs: is that column one of PoPs?"},
		{"something else", csv, "t.csv", "size", `"size" is nothing that requests are told apart by; known: client, pop`},
		{"oracleGeneral", "", "t.oracleGeneral", ByClient, "an oracleGeneral trace does not say which client asked: a CSV with such a column, or the log of a web server does"},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, pops, err := callersOf(c.text, c.file, c.by)
			got := fmt.Sprint(from, pops)
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}
