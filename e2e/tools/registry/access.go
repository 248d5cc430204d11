package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// access says who may read and write what. The zero value lets anyone do anything.
type access struct {
	Scheme    string   `json:"scheme"` // "", "basic" or "bearer"
	Users     []user   `json:"users"`
	Anonymous []string `json:"anonymous"` // repositories, as patterns, that need no user
}

type user struct {
	Name         string   `json:"name"`
	Password     string   `json:"password"`
	Repositories []string `json:"repositories"` // patterns as of path.Match; empty: all
}

// find checks a request's Basic credentials.
func (a access) find(req *http.Request) (user, bool) {
	name, password, _ := req.BasicAuth()
	i := slices.IndexFunc(a.Users, func(u user) bool { return u.Name == name && u.Password == password })
	if i < 0 {
		return user{}, false
	}
	return a.Users[i], true
}

func (a access) isOpen(repository string) bool {
	return matches(a.Anonymous, repository)
}

func (u user) may(repository string) bool {
	return len(u.Repositories) == 0 || matches(u.Repositories, repository)
}

func matches(patterns []string, repository string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, err := path.Match(pattern, repository)
		return err == nil && matched
	})
}

// tokens are the bearer tokens handed out so far.
type tokens struct {
	mu      sync.Mutex
	granted map[string]grant
}

type grant struct {
	user         string
	repositories []string
}

func newTokens() *tokens {
	return &tokens{granted: map[string]grant{}}
}

// issue answers the token endpoint. A user asking for a repository that is not theirs gets
// a token without it, as the distribution token specification has it: the refusal comes
// from the registry itself.
func (t *tokens) issue(w http.ResponseWriter, req *http.Request, a access) string {
	u, known := a.find(req)
	if _, _, sent := req.BasicAuth(); sent && !known {
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "incorrect username or password")
		return ""
	}
	g := grant{user: u.Name}
	for _, scope := range req.URL.Query()["scope"] {
		parts := strings.Split(scope, ":")
		if len(parts) == 3 && parts[0] == "repository" && (a.isOpen(parts[1]) || (known && u.may(parts[1]))) {
			g.repositories = append(g.repositories, parts[1])
		}
	}
	secret := rand.Text()
	t.mu.Lock()
	t.granted[secret] = g
	t.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"token": secret, "expires_in": 300})
	return u.Name
}

// admit decides about a request and writes the refusal, if it is one.
func (t *tokens) admit(w http.ResponseWriter, req *http.Request, a access, to target) (string, bool) {
	switch a.Scheme {
	case "basic":
		return admitBasic(w, req, a, to)
	case "bearer":
		return t.admitBearer(w, req, to)
	}
	return "", true
}

func admitBasic(w http.ResponseWriter, req *http.Request, a access, to target) (string, bool) {
	if a.isOpen(to.repository) {
		return "", true
	}
	u, known := a.find(req)
	if !known {
		w.Header().Set("WWW-Authenticate", `Basic realm="test registry"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return "", false
	}
	if to.repository != "" && !u.may(to.repository) {
		refuse(w, http.StatusForbidden, "DENIED", "access to "+to.repository+" is denied")
		return u.Name, false
	}
	return u.Name, true
}

func (t *tokens) admitBearer(w http.ResponseWriter, req *http.Request, to target) (string, bool) {
	secret, sent := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	t.mu.Lock()
	g, known := t.granted[secret]
	t.mu.Unlock()
	if known && (to.repository == "" || slices.Contains(g.repositories, to.repository)) {
		return g.user, true
	}
	challenge := fmt.Sprintf(`Bearer realm="http://%s/token",service="test registry"`, req.Host)
	if to.repository != "" {
		actions := "pull"
		if req.Method != http.MethodGet && req.Method != http.MethodHead {
			actions = "pull,push"
		}
		challenge += fmt.Sprintf(`,scope="repository:%s:%s"`, to.repository, actions)
	}
	if sent {
		challenge += `,error="insufficient_scope"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
	return g.user, false
}

// refuse writes an error in the distribution specification's form.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}
