package web

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// get asks h for a path, with header names and values in turn.
func get(t *testing.T, h http.Handler, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func wantHeader(t *testing.T, response *http.Response, name, want string) {
	t.Helper()
	if got := response.Header.Get(name); got != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

func gzipped(t *testing.T, content string) *fstest.MapFile {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: []byte(b.String())}
}

func build(t *testing.T) fstest.MapFS {
	t.Helper()
	const index, script = "<!doctype html><title>Dossier</title>", "console.log('Dossier')"
	return fstest.MapFS{
		"index.html":                  {Data: []byte(index)},
		"index.html.gz":               gzipped(t, index),
		"playground/index-abc.js":     {Data: []byte(script)},
		"playground/index-abc.js.gz":  gzipped(t, script),
		"playground/codicon-abc.ttf":  {Data: []byte("font")},
		"playground/folder.js/inside": {Data: []byte("x")},
	}
}

func TestPage(t *testing.T) {
	h := newHandler(build(t))
	response := get(t, h, "/playground")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("got %s", response.Status)
	}
	if got := body(t, response); got != "<!doctype html><title>Dossier</title>" {
		t.Errorf("got %q", got)
	}
	wantHeader(t, response, "Content-Type", "text/html; charset=utf-8")
	wantHeader(t, response, "Cache-Control", "no-cache")
	wantHeader(t, response, "Content-Security-Policy", contentSecurityPolicy)
	wantHeader(t, response, "X-Content-Type-Options", "nosniff")
	wantHeader(t, response, "Referrer-Policy", "no-referrer")

	again := get(t, h, "/playground", "If-None-Match", response.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("the unchanged page: got %s, want 304", again.Status)
	}
	changed := build(t)
	changed["index.html"] = &fstest.MapFile{Data: []byte("<!doctype html><title>New</title>")}
	newer := get(t, newHandler(changed), "/playground", "If-None-Match", response.Header.Get("ETag"))
	if newer.StatusCode != http.StatusOK {
		t.Errorf("the changed page: got %s, want 200", newer.Status)
	}
}

func TestFiles(t *testing.T) {
	h := newHandler(build(t))
	for target, contentType := range map[string]string{
		"/playground/index-abc.js":    "text/javascript; charset=utf-8",
		"/playground/codicon-abc.ttf": "font/ttf",
	} {
		response := get(t, h, target)
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: got %s", target, response.Status)
		}
		wantHeader(t, response, "Content-Type", contentType)
		wantHeader(t, response, "Cache-Control", "public, max-age=31536000, immutable")
		wantHeader(t, response, "X-Content-Type-Options", "nosniff")
	}
	for _, target := range []string{
		"/playground/index-old.js", "/playground/index-abc.js.gz", "/playground/folder.js", "/playground/folder.js/inside",
		"/playground/..%2findex.html", "/index.html",
	} {
		response := get(t, h, target)
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %s, want 404", target, response.Status)
		}
		wantHeader(t, response, "Cache-Control", "")
	}
}

func TestTrailingSlash(t *testing.T) {
	response := get(t, newHandler(build(t)), "/playground/")
	if response.StatusCode != http.StatusPermanentRedirect {
		t.Errorf("got %s, want 308", response.Status)
	}
	wantHeader(t, response, "Location", "../playground")
}

func TestOtherMethods(t *testing.T) {
	w := httptest.NewRecorder()
	newHandler(build(t)).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/playground", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want 405", w.Code)
	}
}

func TestGzip(t *testing.T) {
	h := newHandler(build(t))
	for accept, want := range map[string]string{
		"":                      "",
		"br":                    "",
		"gzip":                  "gzip",
		"deflate, GZIP;q=0.5":   "gzip",
		"gzip; q=0, identity":   "",
		"gzip;q=nonsense":       "",
		"x-gzip, deflate;q=1.0": "",
	} {
		response := get(t, h, "/playground/index-abc.js", "Accept-Encoding", accept)
		if got := response.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got Content-Encoding %q, want %q", accept, got, want)
			continue
		}
		wantHeader(t, response, "Content-Type", "text/javascript; charset=utf-8")
		wantHeader(t, response, "Vary", "Accept-Encoding")
		content := body(t, response)
		if want == "gzip" {
			z, err := gzip.NewReader(strings.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			content = string(plain)
		}
		if content != "console.log('Dossier')" {
			t.Errorf("Accept-Encoding %q: got %q", accept, content)
		}
	}
	// The font has no compressed copy.
	wantHeader(t, get(t, h, "/playground/codicon-abc.ttf", "Accept-Encoding", "gzip"), "Content-Encoding", "")
}

func TestNotBuilt(t *testing.T) {
	h := newHandler(fstest.MapFS{".gitkeep": {}})
	for _, target := range []string{"/playground", "/playground/", "/playground/index-abc.js"} {
		response := get(t, h, target)
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: got %s, want 503", target, response.Status)
		}
		if got, want := body(t, response), "The playground is not built: run `make web`\n"; got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
		wantHeader(t, response, "Cache-Control", "no-store")
		wantHeader(t, response, "X-Content-Type-Options", "nosniff")
	}
}

// TestBuild holds the real build against what the handler promises.
func TestBuild(t *testing.T) {
	index, err := fs.ReadFile(dist, "dist/index.html")
	if err != nil {
		t.Skip("the playground is not built: run `make web` for this test")
	}
	h := Handler()
	if got := body(t, get(t, h, "/playground")); got != string(index) {
		t.Error("/playground is not the built index.html")
	}

	references := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(string(index), -1)
	if len(references) == 0 {
		t.Error("index.html refers to no file at all")
	}
	for _, reference := range references {
		file, relative := strings.CutPrefix(reference[1], "./playground/")
		if !relative {
			t.Errorf("index.html refers to %q, want a path that starts with ./playground/", reference[1])
		} else if response := get(t, h, "/playground/"+file); response.StatusCode != http.StatusOK {
			t.Errorf("index.html refers to %q: %s", reference[1], response.Status)
		}
	}

	files, err := fs.ReadDir(dist, "dist/playground")
	if err != nil {
		t.Fatal(err)
	}
	hashed := regexp.MustCompile(`-[\w-]{8}\.\w+$`)
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".gz")
		if !hashed.MatchString(name) {
			t.Errorf("%s carries no hash in its name, but is cached for ever", name)
		}
		if contentTypes[path.Ext(name)] == "" {
			t.Errorf("%s: no content type for %s", name, path.Ext(name))
		}
		if response := get(t, h, "/playground/"+name, "Accept-Encoding", "gzip"); response.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s has no gzip copy", name)
		}
	}
}
