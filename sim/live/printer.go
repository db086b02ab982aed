// printer: lines of JSON to the driver, whole ones, from any goroutine.
package live

import (
	"encoding/json"
	"io"
	"sync"
)

type printer struct {
	mu  sync.Mutex // protects out: lines must not mix
	out io.Writer
}

func newPrinter(out io.Writer) *printer { return &printer{out: out} }

// print writes one line. A driver that is gone closes our standard input too,
// and that ends us: a failed write needs no word here.
func (p *printer) print(l Line) {
	text, err := json.Marshal(l)
	if err != nil {
		panic("live: " + err.Error())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.out.Write(append(text, '\n'))
}
