// Package web serves the pages that a browser shows. They are built by Vite from the TypeScript beside this
// file (`make web`) into dist, which is embedded in the program and never tracked by git.
//
// The playground is GraphiQL on our own endpoint, with the queries of examples/ to start from. Page and files
// come from this server alone, and the page's security policy holds the browser to that. Everything in the
// page is addressed relatively, so it also works below a proxy's path prefix.
package web

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// contentTypes lists every kind of file that the build makes; nothing else is served. The machine's own table
// is not asked, since it differs from machine to machine and browsers are told not to guess.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".ttf":  "font/ttf",
}

// contentSecurityPolicy lets a page load from, and talk to, this server only. Monaco, the editor, sets styles
// inline and draws some marks as data: images.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the playground at /playground and its files below /playground/; mount it at both. In a
// program built without the pages, every request is answered 503 with the command that builds them.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // cannot be: "dist" is a valid path
	}
	return newHandler(files)
}

// newHandler serves a build: index.html, and the folder playground, whose file names carry a hash of their
// content. A file may have a gzip copy beside it (name.gz).
func newHandler(files fs.FS) http.Handler {
	index, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return secured(http.HandlerFunc(notBuilt))
	}
	// Weak, since the same page goes out compressed or not.
	etag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(index))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /playground", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		serve(w, r, files, "index.html", "no-cache")
	})
	mux.HandleFunc("GET /playground/{$}", func(w http.ResponseWriter, _ *http.Request) {
		// Relative, hence not http.Redirect: a proxy may have cut a prefix off the path.
		w.Header().Set("Location", "../playground")
		w.WriteHeader(http.StatusPermanentRedirect)
	})
	mux.HandleFunc("GET /playground/{file}", func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, files, "playground/"+r.PathValue("file"), "public, max-age=31536000, immutable")
	})
	return secured(mux)
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func notBuilt(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "The playground is not built: run `make web`", http.StatusServiceUnavailable)
}

// serve answers with the named file, compressed where the client takes it, or with 404.
func serve(w http.ResponseWriter, r *http.Request, files fs.FS, name, cacheControl string) {
	contentType, known := contentTypes[path.Ext(name)]
	if !known {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	var content io.ReadSeekCloser
	if acceptsGzip(r) {
		if content = open(files, name+".gz"); content != nil {
			h.Set("Content-Encoding", "gzip")
		}
	}
	if content == nil {
		content = open(files, name)
	}
	if content == nil {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = content.Close() }()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", cacheControl)
	h.Set("Vary", "Accept-Encoding")
	http.ServeContent(w, r, name, time.Time{}, content)
}

// open opens a file for http.ServeContent, and returns nil where there is none.
func open(files fs.FS, name string) io.ReadSeekCloser {
	file, err := files.Open(name)
	if err != nil {
		return nil
	}
	content, ok := file.(io.ReadSeekCloser)
	if !ok { // a folder
		_ = file.Close()
		return nil
	}
	return content
}

// acceptsGzip reports whether the Accept-Encoding header names gzip with a weight above zero (RFC 9110, 12.5.3).
func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, parameter, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, found := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !found || (err == nil && weight > 0)
	}
	return false
}
