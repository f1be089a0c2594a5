package incident

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Incident is what its events come to.
type Incident struct {
	ID       string
	Title    string
	Drill    bool // made up, to practise
	Detected time.Time
	Started  time.Time // when it was written down
	By       string    // who began it
	Affected []Affected
	Steps    []StepState // all of them, by phase
	Notes    []Event
	Evidence []Event
	Blocks   []Event
	Actions  []Action
	Closed   time.Time // zero while it is open
	ClosedBy string
	Cause    string
	Outcomes []Outcome
	Report   string // path of the post-mortem
	Events   []Event
}

// StepState is how a step stands in an incident.
type StepState struct {
	Step
	State State
	At    time.Time // when it was taken; zero while it is open
	By    string
	Note  string
}

// Action is something that is to be done so that it does not come again.
type Action struct {
	Text  string
	State State
	At    time.Time
	By    string
	Note  string
}

// ErrClosed says that an incident is closed: only its action items go on.
var ErrClosed = errors.New("it is closed")

// of makes an incident of its events. What they cannot have come to is an error.
func of(id string, events []Event) (*Incident, error) {
	if len(events) == 0 {
		return nil, fmt.Errorf("%s: %w", id, ErrUnknown)
	}
	i := &Incident{ID: id, Events: events}
	for _, s := range Steps() {
		i.Steps = append(i.Steps, StepState{Step: s, State: Open})
	}
	for n := range events {
		if err := i.take(&events[n], n == 0); err != nil {
			return nil, fmt.Errorf("%s: event %d: %w", id, n+1, err)
		}
	}
	return i, nil
}

// take lets an event happen.
func (i *Incident) take(e *Event, first bool) error {
	switch {
	case first != (e.Kind == Started):
		return errors.New("an incident begins with its start, once")
	case first && e.Drill != IsDrill(i.ID):
		return errors.New("a drill is none, or the other way round")
	case !i.Closed.IsZero() && e.Kind != Ticked:
		return ErrClosed
	}
	switch e.Kind {
	case Started:
		i.Title, i.Drill, i.Detected, i.Started, i.By, i.Affected = e.Title, e.Drill, e.When, e.At, e.By, e.Affected
	case Added:
		i.Affected = append(i.Affected[:len(i.Affected):len(i.Affected)], e.Affected...)
		i.reopen(e.Affected)
	case Noted:
		i.Notes = append(i.Notes, *e)
	case Kept:
		i.Evidence = append(i.Evidence, *e)
	case Blocking:
		i.Blocks = append(i.Blocks, *e)
	case Stepped:
		i.step(e)
	case Closed:
		i.close(e)
	case Ticked:
		if e.Action > len(i.Actions) {
			return fmt.Errorf("there is no action item %d", e.Action)
		}
		a := &i.Actions[e.Action-1]
		a.State, a.At, a.By, a.Note = e.State, e.At, e.By, e.Text
	}
	return nil
}

func (i *Incident) step(e *Event) {
	for n := range i.Steps {
		if s := &i.Steps[n]; s.ID == e.Step {
			*s = StepState{Step: s.Step, State: e.State, At: e.happened(), By: e.By, Note: e.Text}
			if e.State == Open {
				s.At = time.Time{}
			}
		}
	}
}

// reopen takes back the steps that were said to be done before more turned out to be affected: nobody said it of that. Of secrets that is
// their revocation; of hosts that they are cut off and built anew, too, since what lay on them is to be replaced.
func (i *Incident) reopen(more []Affected) {
	again := []string{RevokeStep}
	if slices.ContainsFunc(more, func(a Affected) bool { return a.Kind == Host }) {
		again = append(again, isolateStep, rebuildStep)
	}
	for n := range i.Steps {
		if s := &i.Steps[n]; slices.Contains(again, s.ID) {
			*s = StepState{Step: s.Step, State: Open}
		}
	}
}

// close ends the incident. What was learned is what it closes with.
func (i *Incident) close(e *Event) {
	i.Closed, i.ClosedBy, i.Cause, i.Outcomes, i.Report = e.At, e.By, e.Text, e.Outcomes, e.Report
	for _, text := range e.Actions {
		i.Actions = append(i.Actions, Action{Text: text, State: Open})
	}
	i.step(&Event{At: e.At, By: e.By, Step: LearnStep, State: Done})
}

// Step returns how a step stands; nil if there is none of that id.
func (i *Incident) Step(id string) *StepState {
	for n := range i.Steps {
		if i.Steps[n].ID == id {
			return &i.Steps[n]
		}
	}
	return nil
}

// OpenSteps are the steps that nobody has taken yet, in their order. The one that closing takes is not among them.
func (i *Incident) OpenSteps() (open []StepState) {
	for _, s := range i.Steps {
		if s.State == Open && s.ID != LearnStep {
			open = append(open, s)
		}
	}
	return open
}

// OpenActions are the numbers, from 1, of the action items that are not done.
func (i *Incident) OpenActions() (open []int) {
	for n, a := range i.Actions {
		if a.State == Open {
			open = append(open, n+1)
		}
	}
	return open
}

// Contained returns when the last step of containing was taken; zero while one is open.
func (i *Incident) Contained() (at time.Time) {
	for _, s := range i.Steps {
		switch {
		case s.Phase != Contain:
		case s.State == Open:
			return time.Time{}
		case s.At.After(at):
			at = s.At
		}
	}
	return later(at, i.Detected)
}

// later returns the later one of two times: what was so before it was detected took no time.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// After returns what the incident would have come to after one more event.
func (i *Incident) After(e Event) (*Incident, error) {
	e.stamp()
	return of(i.ID, append(i.Events[:len(i.Events):len(i.Events)], e))
}
