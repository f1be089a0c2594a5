package hook

// Refusal returns the words with which keysweep refuses in a hook. Check looks for them in what git prints, to tell keysweep's
// refusal from another hook's.
func Refusal(name string) string {
	if readsInput(name) {
		return "keysweep: push refused"
	}
	return "keysweep: commit refused"
}
