package main

import (
	"net/http"
	"strings"
)

// kind is what a request asks for, as tests count and break it.
type kind string

const (
	manifestTag    kind = "manifest-tag"
	manifestDigest kind = "manifest-digest"
	referrers      kind = "referrers"
	blob           kind = "blob"
	token          kind = "token"
	other          kind = "other"
)

// target is what a request's path names.
type target struct {
	kind       kind
	repository string
	reference  string // tag or digest; empty for uploads
}

// targetOf reads a path of the distribution API. Repository names contain slashes, so the
// words that name the kind are looked for from the end.
func targetOf(req *http.Request) target {
	if req.URL.Path == "/token" {
		return target{kind: token}
	}
	path, found := strings.CutPrefix(req.URL.Path, "/v2/")
	if !found {
		return target{kind: other}
	}
	parts := strings.Split(path, "/")
	if i := len(parts) - 3; i >= 1 && parts[i] == "blobs" && parts[i+1] == "uploads" {
		return target{kind: blob, repository: strings.Join(parts[:i], "/")}
	}
	i := len(parts) - 2
	if i < 1 {
		return target{kind: other}
	}
	t := target{kind: other, repository: strings.Join(parts[:i], "/"), reference: parts[i+1]}
	switch parts[i] {
	case "blobs":
		t.kind = blob
	case "referrers":
		t.kind = referrers
	case "manifests":
		t.kind = manifestTag
		if strings.Contains(t.reference, ":") {
			t.kind = manifestDigest
		}
	}
	return t
}
