package main

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// maxEntries bounds the journal's memory: about ten times what the largest test asks for.
const maxEntries = 200_000

// entry is one request at the front. The two times let a test see which requests ran one
// after another: that is how round trips are counted.
type entry struct {
	Method    string `json:"method"`
	Kind      kind   `json:"kind"`
	Path      string `json:"path"`
	User      string `json:"user"`
	Status    int    `json:"status"`
	StartedAt int64  `json:"startedAtMicros"`
	EndedAt   int64  `json:"endedAtMicros"`
}

type journal struct {
	mu      sync.Mutex
	began   time.Time
	entries []entry
}

func newJournal() *journal {
	return &journal{began: time.Now()}
}

// open notes a request when it arrives, not when it is answered: one that hangs is counted
// too. The returned function completes the entry.
func (j *journal) open(req *http.Request, kind kind) func(status int, user string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) >= maxEntries {
		return func(int, string) {}
	}
	began, index := j.began, len(j.entries)
	j.entries = append(j.entries, entry{
		Method: req.Method, Kind: kind, Path: req.URL.Path, StartedAt: time.Since(began).Microseconds(),
	})
	return func(status int, user string) {
		j.mu.Lock()
		defer j.mu.Unlock()
		// A reset between arrival and answer has dropped the entry.
		if j.began != began || index >= len(j.entries) {
			return
		}
		e := &j.entries[index]
		e.Status, e.User, e.EndedAt = status, user, time.Since(began).Microseconds()
	}
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.began, j.entries = time.Now(), nil
}

func (j *journal) list(w http.ResponseWriter, _ *http.Request) {
	j.mu.Lock()
	entries := append([]entry{}, j.entries...)
	j.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(entries)
}

// recorded remembers the status of an answer for the journal.
type recorded struct {
	http.ResponseWriter
	status int
}

func (r *recorded) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorded) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}
