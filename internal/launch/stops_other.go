//go:build unix && !linux

package launch

// followStops does nothing: the terminal stops both processes at once. A program that stops itself does so alone.
func followStops(int) {}
