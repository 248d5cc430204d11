package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
)

// kept is an answer held back so that it can be changed before it is sent.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func keep(req *http.Request, content http.Handler) *kept {
	k := &kept{header: http.Header{}, status: http.StatusOK}
	content.ServeHTTP(k, req)
	return k
}

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) WriteHeader(status int)      { k.status = status }
func (k *kept) Write(b []byte) (int, error) { return k.body.Write(b) }

func (k *kept) writeTo(w http.ResponseWriter) {
	for name, values := range k.header {
		w.Header()[name] = values
	}
	w.WriteHeader(k.status)
	w.Write(k.body.Bytes())
}

// page serves one page of a referrers answer with a Link to the next, relative as the
// distribution specification shows it.
func page(w http.ResponseWriter, req *http.Request, content http.Handler, onPage int) {
	all := keep(req, content)
	var index struct {
		SchemaVersion int               `json:"schemaVersion"`
		MediaType     string            `json:"mediaType"`
		Manifests     []json.RawMessage `json:"manifests"`
	}
	if onPage <= 0 || all.status != http.StatusOK || json.Unmarshal(all.body.Bytes(), &index) != nil {
		all.writeTo(w)
		return
	}
	// The content comes out of a map: only a fixed order lets pages add up to the whole.
	sort.Slice(index.Manifests, func(i, j int) bool {
		return bytes.Compare(index.Manifests[i], index.Manifests[j]) < 0
	})
	from, _ := strconv.Atoi(req.URL.Query().Get("from"))
	from = min(max(from, 0), len(index.Manifests))
	to := min(from+onPage, len(index.Manifests))
	if to < len(index.Manifests) {
		all.header.Set("Link", fmt.Sprintf("<%s?n=%d&from=%d>; rel=\"next\"", req.URL.Path, onPage, to))
	}
	index.Manifests = index.Manifests[from:to]
	all.body.Reset()
	json.NewEncoder(&all.body).Encode(index)
	all.header.Set("Content-Length", strconv.Itoa(all.body.Len()))
	all.writeTo(w)
}
