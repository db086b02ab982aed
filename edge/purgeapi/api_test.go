// Tests: calls as the providers' own documentation has them, and what they come to.
package purgeapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const token = "s3cret-token"

func newAPI(t testing.TB) *API {
	t.Helper()
	a, err := New(token)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var bearer = http.Header{"Authorization": {"Bearer " + token}}

// fields reads "Name: value | Name: value", and adds the token.
func fields(text string) http.Header {
	h := bearer.Clone()
	for f := range strings.SplitSeq(text, " | ") {
		if name, value, ok := strings.Cut(f, ": "); ok {
			h.Add(name, value)
		}
	}
	return h
}

const (
	zone  = "/client/v4/zones/023e105f4ecef8ad9ca31a8372d0c353/purge_cache"
	dist  = "/2020-05-31/distribution/EDFDVBD6EXAMPLE/invalidation"
	batch = `<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">` +
		`<CallerReference>20120301090000</CallerReference><Paths><Quantity>%d</Quantity><Items>%s</Items></Paths></InvalidationBatch>`
)

func invalidation(quantity int, paths ...string) string {
	var items strings.Builder
	for _, p := range paths {
		items.WriteString("<Path>" + p + "</Path>")
	}
	return fmt.Sprintf(batch, quantity, items.String())
}

func array(n int, item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }

// calls are as the documentation of each provider shows them, and what is wrong with
// others.
var calls = []struct {
	method, target, header, content string
	want                            string // the targets, or the status and what the answer has
}{
	// Cloudflare
	{"POST", zone, "", `{"purge_everything": true}`, "{ *}"},
	{"POST", zone, "", `{"tags": ["a\nb"]}`, `400 1016 unable to purge`},
	{"DELETE", zone, "", `{"files": ["http://a/b"]}`, `405 7001 purging is a POST`},
	{"POST", zone, "", `{"files": ["http://www.Example.com/css/styles.css", "https://www.example.com:443/a?b=C#d"]}`, "{www.example.com /css/styles.css} {www.example.com /a?b=C}"},
	{"POST", zone, "", `{"files": [{"url": "http://www.example.com:8080", "headers": {"CF-Device-Type": "mobile"}}, "https://a.b?c"]}`, "{www.example.com:8080 /} {a.b /?c}"},
	{"POST", zone, "", `{"tags": ["A-Cache-Tag", " other "]}`, "{tag a-cache-tag} {tag other}"},
	{"POST", zone, "", `{"hosts": ["WWW.example.com", "images.example.com"]}`, "{www.example.com *} {images.example.com *}"},
	{"POST", zone, "", `{"prefixes": ["www.example.com/foo", "images.example.com"]}`, "{www.example.com /foo*} {images.example.com /*}"},
	{"POST", zone, "Fastly-Soft-Purge: 1", `{"tags": ["a"], "hosts": ["b"]}`, "{tag a} {b *} softly"},
	{"POST", zone + "?x=y", "", `{"tags": ["a"], "unknown": 1}`, "{tag a}"},
	{"POST", zone, "", `{"purge_everything": false}`, `400 1012 Request must contain one of`},
	{"POST", zone, "", `{"tags": []}`, `400 1012 Request must contain one of`},
	{"POST", zone, "", `{"tags": "a"}`, `400 1014 must be an array`},
	{"POST", zone, "", `{"files": [7]}`, `400 6007 Malformed JSON`},
	{"POST", zone, "", `{"files"`, `400 6007 Malformed JSON`},
	{"POST", zone, "", ``, `400 6007 Malformed JSON`},
	{"POST", zone, "", `{"files": ["www.example.com/a"]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"files": ["ftp://www.example.com/a"]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"files": ["https:///a"]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"files": ["https://a/b c"]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"prefixes": ["https://a/b"]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"prefixes": ["a/b?c"]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"hosts": ["a/b"]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"tags": [""]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"tags": ["` + strings.Repeat("x", 1025) + `"]}`, `400 1016 unable to purge`},
	{"POST", zone, "", `{"files": ` + array(501, `"http://a/b"`) + `}`, `400 1016 at most 500`},
	{"POST", zone, "", `{"hosts": ` + array(101, `"a"`) + `}`, `400 1016 at most 100`},
	// Fastly
	{"PURGE", "/image.jpg?v=2", "", "", "{shop.example /image.jpg?v=2}"},
	{"PURGE", "/images/*", "Fastly-Soft-Purge: 1", "", "{shop.example /images/*} softly"},
	{"PURGE", "*", "", "", "{ *}"},
	{"PURGE", "/", "Surrogate-Key: Key_1 key_2", "", "{tag key_1} {tag key_2}"},
	{"PURGE", "http://shop.example/a", "", "", "400 Bad Request"},
	{"POST", "/service/SU1Z0isxPaozGVKXdv0eY/purge/hTE5dRlSBICGPJxJwCH4M", "", "", "{tag hte5drlsbicgpjxjwch4m}"},
	{"POST", "/service/SU1Z/purge/a%2Fb%20c", "Fastly-Soft-Purge: 1", "", "{tag a/b c} softly"},
	{"POST", "/service/SU1Z/purge/a/b", "", "", "{tag a/b}"},
	{"POST", "/service/SU1Z/purge", "Surrogate-Key: key_1 key_2", "", "{tag key_1} {tag key_2}"},
	{"POST", "/service/SU1Z/purge", "", `{"surrogate_keys":["key_1","key_2"]}`, "{tag key_1} {tag key_2}"},
	{"POST", "/service/SU1Z/purge_all", "Fastly-Soft-Purge: 1", "", "{ *}"},
	{"POST", "/purge/www.example.com/a/b?c", "", "", "{www.example.com /a/b?c}"},
	{"POST", "/purge/http://www.example.com/a", "", "", "{www.example.com /a}"},
	{"POST", "/service/SU1Z/purge", "", "", "400 Bad Request no keys"},
	{"POST", "/service/SU1Z/purge", "", `{"surrogate_keys":` + array(257, `"a"`) + `}`, "400 one to 256"},
	{"POST", "/service/SU1Z/purge/%zz", "", "", "400 is no surrogate key"},
	{"POST", "/purge/", "", "", "400 is no URL"},
	// CloudFront
	{"POST", dist, "", invalidation(1, "/images/image.jpg"), "{ /images/image.jpg}"},
	{"POST", dist, "", invalidation(3, "/images/*", "index.html", "/a*b"), "{ /images/*} { /index.html} { /a*b}"},
	{"POST", dist, "", invalidation(1, "/*"), "{ /*}"},
	{"POST", dist, "", invalidation(1, "#Product:Shoes"), "{tag product:shoes}"},
	{"POST", dist, "", invalidation(2, "/a"), "400 InconsistentQuantities"},
	{"POST", dist, "", invalidation(0), "400 InvalidArgument"},
	{"POST", dist, "", invalidation(1, ""), "400 InvalidArgument"},
	{"POST", dist, "", invalidation(1, "/a b"), "400 InvalidArgument"},
	{"POST", dist, "", invalidation(1, "#"), "400 InvalidArgument"},
	{"POST", dist, "", "", "400 MissingBody"},
	{"POST", dist, "", "<InvalidationBatch>", "400 MalformedXML"},
	{"POST", dist, "", invalidation(16, strings.Split(strings.Repeat("/a* ", 16), " ")[:16]...), "400 TooManyInvalidationsInProgress"},
	{"POST", dist, "", invalidation(3001, strings.Split(strings.Repeat("/a ", 3001), " ")[:3001]...), "413 BatchTooLarge"},
	// none of the API's
	{"GET", zone, "", "", "none"},
	{"POST", "/client/v4/zones//purge_cache", "", "", "none"},
	{"POST", "/client/v4/zones/a/b/purge_cache", "", "", "none"},
	{"POST", "/service/a", "", "", "none"},
	{"POST", "/service/a/version", "", "", "none"},
	{"POST", "/2020-05-31/distribution/a", "", "", "none"},
	{"POST", "/", "", "", "none"},
}

func TestCalls(t *testing.T) {
	for _, c := range calls {
		got := told(newAPI(t).Find(c.method, "Shop.Example", c.target, fields(c.header)), c.content)
		for word := range strings.SplitSeq(c.want, " ") {
			if !strings.Contains(got, word) {
				t.Errorf("%s %s %s %.200s:\n got %.300s\nwant %s", c.method, c.target, c.header, c.content, got, c.want)
				break
			}
		}
		if c.want[0] == '{' && got != c.want {
			t.Errorf("%s %s %s %s:\n got %s\nwant %s", c.method, c.target, c.header, c.content, got, c.want)
		}
	}
}

// told puts into words what becomes of a call.
func told(call *Call, content string) string {
	if call == nil {
		return "none"
	}
	x, no := call.Read([]byte(content), true, time.Time{})
	if no != nil {
		return fmt.Sprint(no.Status, " ", string(no.Content))
	}
	var words []string
	for _, target := range x.Targets {
		says := target.Host + " " + target.Path
		if target.Tag != "" {
			says = "tag " + target.Tag
		}
		if target.Prefix {
			says += "*"
		}
		if target.Scheme != "" {
			says += " by " + target.Scheme + " alone"
		}
		words = append(words, "{"+says+"}")
	}
	if x.Soft {
		words = append(words, "softly")
	}
	return strings.Join(words, " ")
}

// What a caller gets for what was done, and for what may not be.
func TestAnswers(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.FixedZone("", 3600))
	denied := http.Header{"Authorization": {"Bearer wrong-token"}}
	for _, c := range []struct {
		method, target string
		header         http.Header
		content        string
		status         int
		want           string
	}{
		{"POST", zone, bearer, `{"purge_everything":true}`, 200,
			`{"success":true,"errors":[],"messages":[],"result":{"id":"023e105f4ecef8ad9ca31a8372d0c353"}}` + "\n"},
		{"POST", zone, denied, "", 403,
			`{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}` + "\n"},
		{"PURGE", "/a", bearer, "", 200, `{"id":"1-1772352000-1","status":"ok"}` + "\n"},
		{"PURGE", "/a", denied, "", 401, `{"msg":"Provided credentials are missing or invalid"}` + "\n"},
		{"POST", "/service/S/purge_all", bearer, "", 200, `{"status":"ok"}` + "\n"},
		{"POST", "/service/S/purge/k", http.Header{"Fastly-Key": {token}}, "", 200, `{"id":"1-1772352000-1","status":"ok"}` + "\n"},
		{"POST", "/service/S/purge", bearer, `{"surrogate_keys":["K","l"]}`, 200, `{"K":"1-1772352000-1-1","l":"1-1772352000-1-2"}` + "\n"},
		{"POST", dist, bearer, invalidation(1, "/a"), 201, `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
			`<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>I0000000000001</Id><Status>Completed</Status>` +
			`<CreateTime>2026-03-01T08:00:00Z</CreateTime><InvalidationBatch>` +
			`<CallerReference>20120301090000</CallerReference><Paths><Quantity>1</Quantity><Items><Path>/a</Path></Items></Paths></InvalidationBatch></Invalidation>`},
		{"POST", dist, denied, "", 403, `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
			`<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Access denied.</Message></Error></ErrorResponse>`},
	} {
		call := newAPI(t).Find(c.method, "shop.example", c.target, c.header)
		var got Answer
		if _, no := call.Read([]byte(c.content), true, at); no != nil {
			got = *no
		} else {
			got = call.Done(at, Outcome{})
		}
		if got.Status != c.status || string(got.Content) != c.want {
			t.Errorf("%s %s:\n got %d %s\nwant %d %s", c.method, c.target, got.Status, got.Content, c.status, c.want)
		}
	}
	call := newAPI(t).Find("POST", "", dist, bearer)
	if _, no := call.Read(nil, false, at); no.Status != 413 || !strings.Contains(string(no.Content), "BatchTooLarge") {
		t.Errorf("a content that is too large: %d %s", no.Status, no.Content)
	}
}

// A whole CDN tells more than its answer's shape has room for, and may have no time.
func TestOutcome(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		o           Outcome
		field, says string
	}{
		{Outcome{}, "", "Completed"},
		{Outcome{Caches: 3, Heard: 3, Took: 225 * time.Millisecond, Last: "tokyo-pop"}, `caches=3, heard=3, missed=0, took=0.225, last="tokyo-pop"`, "Completed"},
		{Outcome{Caches: 3, Heard: 2, Missed: 1, Took: time.Second, Last: "a"}, `caches=3, heard=2, missed=1, took=1.000, last="a"`, "Completed"},
		{Outcome{Caches: 3}, `caches=3, heard=0, missed=0`, "InProgress"},
	} {
		call := newAPI(t).Find("POST", "", dist, bearer)
		if _, no := call.Read([]byte(invalidation(1, "/a")), true, at); no != nil {
			t.Fatal(no)
		}
		got := call.Done(at, c.o)
		if field := got.Header.Get(OutcomeField); field != c.field || !strings.Contains(string(got.Content), c.says) {
			t.Errorf("%+v: %q, %s", c.o, field, got.Content)
		}
	}
	for _, c := range []struct {
		method, target string
		status         int
		has            string
	}{
		{"POST", zone, 429, `"code":971`}, {"POST", zone, 503, "nothing plays"}, {"POST", dist, 429, "<Code>Throttling</Code>"},
		{"POST", dist, 503, "<Code>ServiceUnavailable</Code>"}, {"PURGE", "/a", 503, `"detail":"nothing plays"`}, {"POST", "/service/S/purge/k", 429, "Too Many Requests"},
	} {
		got := newAPI(t).Find(c.method, "", c.target, bearer).Busy(c.status, "nothing plays", time.Second)
		if got.Status != c.status || got.Header.Get("Retry-After") != "1" || !strings.Contains(string(got.Content), c.has) {
			t.Errorf("%s %s: %d %v %s, want %d %s", c.method, c.target, got.Status, got.Header, got.Content, c.status, c.has)
		}
	}
}

func TestToken(t *testing.T) {
	for _, bad := range []string{"", "short", "with a blank in it", "line\nbreak...", "späterer"} {
		if _, err := New(bad); err == nil {
			t.Errorf("%q is a token", bad)
		}
	}
	for text, want := range map[string]bool{ // any order will do
		"Authorization: Bearer " + token: true, "Authorization: bearer  " + token: true, "Fastly-Key: " + token: true,
		"": false, "Authorization: " + token: false, "Authorization: Bearer ": false, "Authorization: Bearer": false,
		"Authorization: Basic " + token: false, "Authorization: Bearer " + token + "x": false, "Fastly-Key: " + token[1:]: false,
		"Authorization: Bearer x | Authorization: Bearer " + token: true,
	} {
		h := fields(text)
		h["Authorization"] = h["Authorization"][1:]
		if got := newAPI(t).Find("PURGE", "a", "/", h).Wanted(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("POST", zone, `{"files":["http://a/b"]}`)
	f.Add("POST", dist, invalidation(1, "/a*"))
	f.Add("POST", "/service/S/purge", `{"surrogate_keys":["k"]}`)
	f.Add("PURGE", "/a*", "")
	f.Fuzz(func(t *testing.T, method, target, content string) {
		call := newAPI(t).Find(method, "shop.example", target, bearer)
		if call == nil {
			return
		}
		x, no := call.Read([]byte(content), true, time.Time{})
		if (no == nil) != (len(x.Targets) > 0) {
			t.Errorf("%d targets, answer %v", len(x.Targets), no)
		}
		if no == nil {
			call.Done(time.Unix(0, 0), Outcome{})
		}
	})
}
