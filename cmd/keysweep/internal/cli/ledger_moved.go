package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"keysweep/rotation"
)

// movedAway is the item that a ledger gets when it was moved to another home and is kept, so that it is not taken for the ledger.
const movedAway = "moved-away"

// moveMark is the content of that item.
type moveMark struct {
	Schema int       `json:"schema"`
	To     string    `json:"to"`
	At     time.Time `json:"at"`
}

// newMoveMark returns the content of the item.
func newMoveMark(env *Env, to string) []byte {
	data, _ := json.Marshal(moveMark{1, to, whole(env)}) // cannot fail: it is a text, a number and a date of our time
	return data
}

// readMoveMark returns where a ledger was moved to; nil if it was not.
func readMoveMark(ctx context.Context, store homeStore) (*moveMark, error) {
	data, err := store.Get(ctx, movedAway)
	if errors.Is(err, rotation.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &moveMark{To: "another place"}
	_ = json.Unmarshal(data, m) // that it is there is what counts
	return m, nil
}

// leftBehind says that the ledger that was found is the old copy of one that was moved.
func leftBehind(env *Env, home *chosenHome, m *moveMark) error {
	path, err := homeFile(env)
	return errors.Join(&homeFileError{path, fmt.Sprintf("is gone, and the ledger in %s is what was kept when it was moved to %s on %s",
		home.Home, m.To, m.At.Format(time.DateOnly)),
		"take up the newer one: keysweep ledger init --home " + m.To + "; if it is lost: keysweep ledger init --home " + home.Home + " --take-old"}, err)
}
