// The registry of the test world: go-containerregistry's in-memory registry behind a door
// whose behaviour tests change while it runs.
//
// It has two listeners. The front one is what the cluster and the tools under test talk to;
// every switch applies to it. The control one takes the switches, hands out the journal of
// requests, and serves the same content without any switch, so that a test can fill a
// registry that is at the same time broken, private or slow at the front.
//
// What it serves stays as go-containerregistry makes it, quirks included: its referrers
// answer derives artifactType from the config's media type, as some real registries do.
package main

import (
	"flag"
	"io"
	"log"
	"net/http"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	address := flag.String("address", "127.0.0.1:5000", "where the front listens")
	control := flag.String("control", "127.0.0.1:5001", "where the control side listens")
	flag.Parse()
	if err := run(*address, *control); err != nil {
		log.Fatal(err)
	}
}

func run(address, control string) error {
	content := registry.New(
		registry.WithReferrersSupport(true),
		registry.Logger(log.New(io.Discard, "", 0)),
	)
	switches := &switches{}
	journal := newJournal()
	front := newFront(address, &door{content: content, switches: switches, journal: journal, tokens: newTokens()})
	if err := front.up(); err != nil {
		return err
	}
	return http.ListenAndServe(control, controlSide(content, switches, journal, front))
}

// controlSide routes the control listener. Every answer without a body is 204.
func controlSide(content http.Handler, switches *switches, journal *journal, front *front) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v2/", content)
	mux.HandleFunc("PATCH /switches", switches.patch)
	mux.HandleFunc("DELETE /switches", switches.reset)
	mux.HandleFunc("GET /requests", journal.list)
	mux.HandleFunc("DELETE /requests", func(w http.ResponseWriter, _ *http.Request) {
		journal.reset()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /down", func(w http.ResponseWriter, _ *http.Request) {
		front.down()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /up", func(w http.ResponseWriter, _ *http.Request) {
		if err := front.up(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}
