package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
)

// front is the listener that the cluster sees. It can go away and come back on the same
// address, as a registry that is restarted does.
type front struct {
	mu      sync.Mutex
	address string
	handler http.Handler
	server  *http.Server
}

func newFront(address string, handler http.Handler) *front {
	return &front{address: address, handler: handler}
}

// up listens again; a front that is up stays as it is.
func (f *front) up() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", f.address)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", f.address, err)
	}
	server := &http.Server{Handler: f.handler}
	f.server = server
	go server.Serve(listener)
	return nil
}

// down refuses connections and cuts the open ones in the middle of an answer.
func (f *front) down() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.server != nil {
		f.server.Close()
		f.server = nil
	}
}
