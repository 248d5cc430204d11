package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"
)

// state is everything a test can change about the front. The zero value is a friendly
// public registry with the referrers API.
type state struct {
	LatencyMillis   int       `json:"latencyMillis"`   // added before every answer
	Hang            bool      `json:"hang"`            // accept, and never answer
	NoReferrersAPI  bool      `json:"noReferrersApi"`  // 404, as a registry before OCI 1.1
	ReferrersOnPage int       `json:"referrersOnPage"` // 0: all on one page
	Access          access    `json:"access"`
	Failures        []failure `json:"failures"`
	Flips           []flip    `json:"flips"`
	Corrupt         []string  `json:"corrupt"` // digests whose content is served with one bit changed
	Endless         []string  `json:"endless"` // digests, or a kind, whose body never ends
}

// failure is an answer given instead of the real one.
type failure struct {
	Kind        kind   `json:"kind"` // empty: every kind
	Status      int    `json:"status"`
	Times       int    `json:"times"`       // how often; negative: for ever
	RetryAfter  string `json:"retryAfter"`  // header, when not empty
	ContentType string `json:"contentType"` // header, when not empty
	Body        string `json:"body"`
}

// flip is a tag that names another digest on every request: what a tag moved between two
// reads looks like, without a race.
type flip struct {
	Repository string   `json:"repository"`
	Tag        string   `json:"tag"`
	Digests    []string `json:"digests"`
	next       int
}

type switches struct {
	mu    sync.Mutex
	state state
}

// patch changes the fields that the body names and leaves the others as they are. Lists grow
// by what the body brings, so that a second failure does not renew the first.
func (s *switches) patch(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change := s.state
	change.Access, change.Failures, change.Flips, change.Corrupt, change.Endless = access{}, nil, nil, nil, nil
	decoder := json.NewDecoder(req.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&change); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if change.Access.Scheme == "" {
		change.Access = s.state.Access
	}
	change.Failures = append(s.state.Failures, change.Failures...)
	change.Flips = append(s.state.Flips, change.Flips...)
	change.Corrupt = append(s.state.Corrupt, change.Corrupt...)
	change.Endless = append(s.state.Endless, change.Endless...)
	s.state = change
	w.WriteHeader(http.StatusNoContent)
}

// reset makes the front a friendly public registry again.
func (s *switches) reset(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state{}
	w.WriteHeader(http.StatusNoContent)
}

// delay is how long an answer waits.
func (s *switches) delay() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.state.LatencyMillis) * time.Millisecond
}

func (s *switches) hangs() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Hang
}

// takeFailure returns the first failure that is left for this kind, and uses it up once.
func (s *switches) takeFailure(kind kind) (failure, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.state.Failures {
		f := &s.state.Failures[i]
		if f.Times == 0 || (f.Kind != "" && f.Kind != kind) {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return *f, true
	}
	return failure{}, false
}

// flipped returns the digest that a flipping tag names this time.
func (s *switches) flipped(t target) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.state.Flips {
		f := &s.state.Flips[i]
		if t.kind == manifestTag && f.Repository == t.repository && f.Tag == t.reference && len(f.Digests) > 0 {
			digest := f.Digests[f.next%len(f.Digests)]
			f.next++
			return digest, true
		}
	}
	return "", false
}

func (s *switches) isCorrupt(t target) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return t.reference != "" && slices.Contains(s.state.Corrupt, t.reference)
}

func (s *switches) isEndless(t target) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.state.Endless, string(t.kind)) ||
		(t.reference != "" && slices.Contains(s.state.Endless, t.reference))
}

// listing says how referrers are listed: whether at all, and how many on a page.
func (s *switches) listing() (hasAPI bool, onPage int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.state.NoReferrersAPI, s.state.ReferrersOnPage
}

func (s *switches) access() access {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Access
}
