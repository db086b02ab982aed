// Tests of Write: what is written reads back the same.

package strict

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

type sheet struct {
	Title  string         `toml:"title" jsonschema:"description=what it is called\\, in short"`
	Zero   float64        `toml:"zero" jsonschema:"required"`
	Off    bool           `toml:"off" jsonschema:"default=false,description=zero is its default"`
	Wait   time.Duration  `toml:"wait" jsonschema:"default=0s"`
	Level  int            `toml:"level" jsonschema:"default=3"`
	Big    uint64         `toml:"big"`
	Rate   float64        `toml:"rate"`
	Nets   []netip.Prefix `toml:"nets"`
	Words  []string       `toml:"words"`
	Starts time.Time      `toml:"starts"`
	Given  *int           `toml:"given"`
	Absent *int           `toml:"absent"`
	Set    map[string]any `toml:"set"`
	Empty  corner         `toml:"empty"`
	Corner corner         `toml:"corner" jsonschema:"description=a table"`
	Maybe  *corner        `toml:"maybe"`
	Nobody *corner        `toml:"nobody"`
	Rows   []line         `toml:"row" jsonschema:"description=lines"`
	base
	Hidden int `toml:"-"`
}

type base struct {
	Below time.Duration `toml:"below"`
}

type corner struct {
	X  int   `toml:"x"`
	In inner `toml:"in"`
}

type inner struct {
	Y float64 `toml:"y y"`
}

type line struct {
	Name string   `toml:"name" jsonschema:"description=of the line"`
	Ends []corner `toml:"end"`
}

func fullSheet() *sheet {
	return &sheet{
		Title: "a \"b\" \\ é\tx", Big: 1 << 62, Rate: 0.1, Wait: 90 * time.Second,
		Nets: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Words: []string{"two\nlines\n", "", "x"},
		Starts: time.Date(2026, 1, 31, 12, 0, 0, 5, time.UTC), Given: new(0),
		Set:    map[string]any{"edge": map[string]any{"on": false, "a.b": 1.5}, "n": int64(3), "list": []any{"x", int64(1)}},
		Corner: corner{X: 1, In: inner{2}}, Maybe: &corner{},
		Rows: []line{{Name: "one", Ends: []corner{{X: 1}, {}}}, {}},
		base: base{Below: time.Hour},
	}
}

func TestWriteReadsBack(t *testing.T) {
	for _, in := range []*sheet{fullSheet(), {}} {
		for _, o := range []WriteOptions{{}, {Defaults: true}, {Comments: true}, {Defaults: true, Comments: true}} {
			text, err := Write(in, o)
			if err != nil {
				t.Fatal(err)
			}
			out := new(sheet)
			if err := Decode(mustParse(t, string(text)).Tree(), out); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if !reflect.DeepEqual(in, out) {
				t.Errorf("%+v\nbecame\n%+v\nby\n%s", in, out, text)
			}
		}
	}
}

func TestWriteForms(t *testing.T) {
	text, err := Write(&sheet{Rows: []line{{Name: "a"}, {Name: "b"}}, Given: new(0)}, WriteOptions{Defaults: true, Comments: true})
	if err != nil {
		t.Fatal(err)
	}
	want := `zero = 0
# zero is its default
off = false
wait = "0s"
given = 0

# lines
[[row]]
# of the line
name = "a"

[[row]]
name = "b"
`
	if string(text) != want {
		t.Errorf("wrote\n%s\nwant\n%s", text, want)
	}
	if _, err := Write(&struct {
		M map[string]corner `toml:"m"`
	}{map[string]corner{"a": {}}}, WriteOptions{}); err == nil || !strings.Contains(err.Error(), "m: ") {
		t.Errorf("a table of tables: %v", err)
	}
}

// FuzzWriteText: whatever a string has in it, it reads back.
func FuzzWriteText(f *testing.F) {
	for _, seed := range []string{"", "a\nb", "\n", `"""`, "\r\n", "\x00\x7f", "\\u1234", "é\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0xFEFF) {
			return // no TOML; a byte order mark is not kept
		}
		in := &sheet{Title: s, Words: []string{s}, Set: map[string]any{s + "k": s}}
		text, err := Write(in, WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse("f.toml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		out := new(sheet)
		if err := Decode(d.Tree(), out); err != nil || !reflect.DeepEqual(in, out) {
			t.Fatalf("%v: %q became %q by\n%s", err, in.Title, out.Title, text)
		}
	})
}
