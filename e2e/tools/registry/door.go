package main

import (
	"bytes"
	"net/http"
	"time"
)

// door stands before the content at the front and applies the switches, in the order in
// which a real registry's layers would: network, gateway, authorisation, content.
type door struct {
	content  http.Handler
	switches *switches
	journal  *journal
	tokens   *tokens
}

func (d *door) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	t := targetOf(req)
	done := d.journal.open(req, t.kind)
	answer := &recorded{ResponseWriter: w}
	user := ""
	defer func() { done(answer.status, user) }()

	if d.switches.hangs() {
		<-req.Context().Done()
		return
	}
	select {
	case <-time.After(d.switches.delay()):
	case <-req.Context().Done():
		return
	}
	if f, failing := d.switches.takeFailure(t.kind); failing {
		f.write(answer)
		return
	}
	access := d.switches.access()
	if t.kind == token {
		user = d.tokens.issue(answer, req, access)
		return
	}
	user, allowed := d.tokens.admit(answer, req, access, t)
	if !allowed {
		return
	}
	d.serve(answer, req, t)
}

// serve answers a request that nothing has stopped so far.
func (d *door) serve(w http.ResponseWriter, req *http.Request, t target) {
	if digest, flips := d.switches.flipped(t); flips && req.Method != http.MethodPut {
		req = withPath(req, "/v2/"+t.repository+"/manifests/"+digest)
	}
	reading := req.Method == http.MethodGet
	switch {
	case reading && d.switches.isEndless(t):
		endless(w, req)
	case reading && d.switches.isCorrupt(t):
		corrupted(w, req, d.content)
	case t.kind == referrers:
		hasAPI, onPage := d.switches.listing()
		if !hasAPI {
			failure{Status: http.StatusNotFound, ContentType: "text/plain", Body: "404 page not found\n"}.write(w)
			return
		}
		page(w, req, d.content, onPage)
	default:
		d.content.ServeHTTP(w, req)
	}
}

func (f failure) write(w http.ResponseWriter) {
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.ContentType != "" {
		w.Header().Set("Content-Type", f.ContentType)
	}
	w.WriteHeader(f.Status)
	w.Write([]byte(f.Body))
}

// endless writes until the client has had enough. The header promises no length, as a
// chunked answer does: only the reader's own cap ends it.
func endless(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	chunk := bytes.Repeat([]byte(" "), 64<<10)
	for req.Context().Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// corrupted serves the content with one bit changed: same length, same headers, so that
// only a check of the digest can tell.
func corrupted(w http.ResponseWriter, req *http.Request, content http.Handler) {
	kept := keep(req, content)
	if kept.status == http.StatusOK && kept.body.Len() > 0 {
		kept.body.Bytes()[kept.body.Len()/2] ^= 1
	}
	kept.writeTo(w)
}

func withPath(req *http.Request, path string) *http.Request {
	clone := req.Clone(req.Context())
	clone.URL.Path, clone.URL.RawPath = path, ""
	return clone
}
