// CloudFront: POST /2020-05-31/distribution/{id}/invalidation with XML
// (docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html).
package purgeapi

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cdnlab/edge"
	"cdnlab/edge/cache"
)

// Limits of one call: what CloudFront lets be in progress at a time.
const (
	maxPaths     = 3000
	maxWildcards = 15
)

const (
	cloudFrontSpace  = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
	cloudFrontPrefix = "/2020-05-31/distribution/"
)

// cloudFront is a call about a distribution. Which one is all the same: a PoP has
// one.
type cloudFront struct {
	path  string
	batch cfBatch
}

type cfBatch struct {
	XMLName         xml.Name `xml:"InvalidationBatch"`
	CallerReference string   `xml:"CallerReference"`
	Quantity        int      `xml:"Paths>Quantity"`
	Paths           []string `xml:"Paths>Items>Path"`
}

func findCloudFront(path, _ string) shape {
	rest, found := strings.CutPrefix(path, cloudFrontPrefix)
	id, ends := strings.CutSuffix(rest, "/invalidation")
	if !found || !ends || id == "" || strings.ContainsFunc(id, notInID) {
		return nil
	}
	return &cloudFront{path: path}
}

// notInID reports whether a distribution's id has no such letter.
func notInID(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func (s *cloudFront) read(c *Call, content []byte) (edge.Purging, error) {
	var none edge.Purging
	if len(content) == 0 {
		return none, refusal{http.StatusBadRequest, "MissingBody", "This operation requires a body."}
	}
	if err := xml.Unmarshal(content, &s.batch); err != nil {
		return none, refusal{http.StatusBadRequest, "MalformedXML", err.Error()}
	}
	wildcards := 0
	for _, path := range s.batch.Paths {
		if strings.HasSuffix(path, "*") && path[0] != '#' {
			wildcards++
		}
	}
	switch n := len(s.batch.Paths); {
	case n != s.batch.Quantity:
		return none, refusal{http.StatusBadRequest, "InconsistentQuantities", "The value of Quantity and the size of Items don't match."}
	case n == 0 || s.batch.CallerReference == "":
		return none, refusal{http.StatusBadRequest, "InvalidArgument", "An invalidation needs a CallerReference and at least one path."}
	case n > maxPaths:
		return none, refusal{http.StatusRequestEntityTooLarge, "BatchTooLarge", "Invalidation batch specified is too large."}
	case wildcards > maxWildcards:
		return none, refusal{http.StatusBadRequest, "TooManyInvalidationsInProgress",
			fmt.Sprintf("%d of the paths end in *; at most %d can be in progress.", wildcards, maxWildcards)}
	}
	targets, bad, ok := all(s.batch.Paths, ofCloudFrontPath)
	if !ok {
		return none, refusal{http.StatusBadRequest, "InvalidArgument", fmt.Sprintf("%q is no invalidation path.", bad)}
	}
	return c.purging(targets), nil
}

// ofCloudFrontPath reads a path of the distribution, or a tag behind a #.
func ofCloudFrontPath(path string) (cache.Target, bool) {
	if tag, found := strings.CutPrefix(path, "#"); found {
		return ofTag(tag)
	}
	return ofPath(path)
}

// done says Completed as soon as it is, where CloudFront says InProgress first.
func (s *cloudFront) done(n uint64, at time.Time, o Outcome) Answer {
	status := "Completed"
	if o.waits() {
		status = "InProgress"
	}
	id := fmt.Sprintf("I%013X", n)
	a := asXML(http.StatusCreated, struct {
		XMLName    xml.Name `xml:"Invalidation"`
		Space      string   `xml:"xmlns,attr"`
		ID         string   `xml:"Id"`
		Status     string   `xml:"Status"`
		CreateTime string   `xml:"CreateTime"`
		Batch      cfBatch
	}{Space: cloudFrontSpace, ID: id, Status: status, CreateTime: at.Format(time.RFC3339), Batch: s.batch})
	a.Header["Location"] = []string{s.path + "/" + id}
	return a
}

func (s *cloudFront) refuse(r refusal) Answer {
	switch r.status {
	case http.StatusForbidden:
		r.code, r.says = "AccessDenied", "Access denied."
	case http.StatusRequestEntityTooLarge:
		r.code = "BatchTooLarge"
	case http.StatusTooManyRequests:
		r.code = "Throttling"
	case http.StatusServiceUnavailable:
		r.code = "ServiceUnavailable"
	}
	return asXML(r.status, struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Space   string   `xml:"xmlns,attr"`
		Type    string   `xml:"Error>Type"`
		Code    string   `xml:"Error>Code"`
		Message string   `xml:"Error>Message"`
	}{Space: cloudFrontSpace, Type: "Sender", Code: r.code, Message: r.says})
}

func asXML(status int, v any) Answer {
	content, err := xml.Marshal(v)
	if err != nil {
		panic("purgeapi: " + err.Error())
	}
	return Answer{status, http.Header{"Content-Type": {"text/xml"}}, append([]byte(xml.Header), content...)}
}
