package launch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
)

// Child runs the program beside this process and waits for its end. Meanwhile signals for this process are the program's: they
// are passed on, except for those that the terminal has given to both (see passOn). If the program is stopped, so is this process,
// until both go on: a shell sees one job. An error means that the program was not run.
func (p Program) Child() (Ending, error) {
	cmd := &exec.Cmd{Path: p.Path, Args: p.Args, Env: p.Environ, Dir: p.Dir, Stdin: p.Stdin, Stdout: p.Stdout, Stderr: p.Stderr}
	signals := make(chan os.Signal, 16)
	if list := forwarded(); len(list) > 0 { // none would be all
		signal.Notify(signals, list...)
	}
	defer signal.Stop(signals)
	if err := p.start(cmd); err != nil {
		return Ending{}, p.failed(innermost(err))
	}
	done := make(chan struct{})
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		for {
			select {
			case s := <-signals:
				passOn(cmd.Process, s)
			case <-done:
				return
			}
		}
	}()
	followStops(cmd.Process.Pid)
	err := cmd.Wait()
	close(done)
	<-passed
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return Ending{}, fmt.Errorf("wait for %s: %w", p.Args[0], err)
	}
	return endingOf(cmd.ProcessState), nil
}

// start starts the program with its limit of core dumps. This process has that limit, too, for the moment that it takes.
func (p Program) start(cmd *exec.Cmd) error {
	ours := Core()
	if err := p.Core.Restore(); err != nil {
		return err
	}
	return errors.Join(cmd.Start(), ours.Restore())
}

// innermost takes the path away that an error of package os repeats.
func innermost(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
