// Armor: answers whose content is not what their path says.
package cache

import (
	"net/http"
	"strings"
)

// kinds are the types of content that the extension of a path stands for. An image
// or a video may be served as another, which is how they are made smaller.
var kinds = map[string][]string{
	"css": {"text/css"}, "csv": {"text/csv"}, "pdf": {"application/pdf"},
	"js": javascript, "mjs": javascript, "json": {"application/json"}, "map": {"application/json"},
	"wasm": {"application/wasm"}, "txt": {"text/plain"}, "xml": {"application/xml", "text/xml"},
	"woff": fonts, "woff2": fonts, "ttf": fonts, "otf": fonts, "eot": fonts,
	"png": images, "jpg": images, "jpeg": images, "gif": images, "webp": images, "avif": images, "svg": images, "ico": images, "bmp": images, "tif": images, "tiff": images,
	"mp4": media, "webm": media, "mp3": media, "ogg": media, "flac": media, "mid": media, "avi": media, "mkv": media,
	"m3u8": {"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl"}, "ts": {"video/mp2t"},
	"zip": archives, "gz": archives, "tar": archives, "7z": archives, "rar": archives, "bz2": archives, "zst": archives, "jar": archives,
}

var (
	javascript = []string{"text/javascript", "application/javascript", "application/x-javascript"}
	fonts      = []string{"font/", "application/font-", "application/x-font-", "application/vnd.ms-fontobject"}
	images     = []string{"image/", "video/"}
	media      = []string{"video/", "audio/", "application/ogg"}
	archives   = []string{"application/"}
)

// deceives reports whether a target ends as static files do and its answer is none
// such: /account.php/x.css, to which many frameworks answer with the page of whoever
// asks, and many caches with what they stored of it (Gil, Web Cache Deception, 2017).
// What says nothing of its type is not trusted; application/octet-stream says that it
// is a file. As Cloudflare's Cache Deception Armor.
func deceives(target string, h http.Header) bool {
	path, _, _ := strings.Cut(target, "?")
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return false
	}
	wants, known := kinds[strings.ToLower(path[dot+1:])]
	if !known {
		return false
	}
	kind, _, _ := strings.Cut(strings.ToLower(first(h["Content-Type"])), ";")
	kind = strings.Trim(kind, " \t")
	if kind == "application/octet-stream" {
		return false
	}
	for _, want := range wants {
		if kind == want || strings.HasSuffix(want, "/") && strings.HasPrefix(kind, want) || strings.HasSuffix(want, "-") && strings.HasPrefix(kind, want) {
			return false
		}
	}
	return true
}
