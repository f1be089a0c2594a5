package source

import "sync"

// task is a directory to read, a repository to let git list, or files to hand over.
type task struct {
	tree *tree
	rel  string // the directory, below the tree: "" or ends with a slash
	repo bool   // let git list it
	root string // the repository's root, if that is not the tree's directory
	env  bool   // the repository is the one that GIT_DIR names
	top  bool   // whether it is a repository's root has been looked at
	git  bool   // it is the root of a repository that git could not list: its .git is not walked
	dev  uint64 // the device that the directory above is on; 0: unknown

	batch *batch // files to hand over
}

// queue is what is left to do. Directories are taken last in, first out, so that few are waiting at any time.
type queue struct {
	ahead int // files that may wait before directories do

	mu      sync.Mutex
	wake    sync.Cond
	tasks   []task
	batches []*batch
	waiting int // files in batches
	active  int // tasks that were taken and may still bring others
	closed  bool
}

func newQueue() *queue {
	q := &queue{}
	q.wake.L = &q.mu
	return q
}

func (q *queue) push(t ...task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tasks = append(q.tasks, t...)
	q.wake.Broadcast()
}

// pushBatch adds files; it reports whether so many are waiting that whoever brings them should hand some over first.
func (q *queue) pushBatch(b *batch) (crowded bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		b.folder.release()
		return false
	}
	q.batches = append(q.batches, b)
	q.waiting += len(b.files)
	q.wake.Signal()
	return q.waiting > listedAhead
}

// crowded reports whether too many files are waiting.
func (q *queue) crowded() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting > listedAhead
}

// pop takes a task; it waits while there may still be one. Each call but the last must be followed by one of done.
func (q *queue) pop() (task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.tasks)+len(q.batches) == 0 && q.active > 0 && !q.closed {
		q.wake.Wait()
	}
	if len(q.tasks)+len(q.batches) == 0 || q.closed {
		q.wake.Broadcast()
		return task{}, false
	}
	q.active++
	if len(q.batches) > 0 && (len(q.tasks) == 0 || q.waiting > q.ahead) {
		return task{batch: q.nextBatch()}, true
	}
	t := q.tasks[len(q.tasks)-1]
	q.tasks[len(q.tasks)-1] = task{}
	q.tasks = q.tasks[:len(q.tasks)-1]
	return t, true
}

// popBatch takes files, if some are waiting. It is for who has a task already.
func (q *queue) popBatch() *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.batches) == 0 || q.closed {
		return nil
	}
	return q.nextBatch()
}

func (q *queue) nextBatch() *batch {
	b := q.batches[0]
	q.batches[0] = nil
	q.batches = q.batches[1:]
	q.waiting -= len(b.files)
	return b
}

// done says that a task was dealt with.
func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.active--
	if q.active == 0 {
		q.wake.Broadcast()
	}
}

// close lets every pop return false. Files that wait are let go.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, b := range q.batches {
		b.folder.release()
	}
	q.batches, q.waiting = nil, 0
	q.wake.Broadcast()
}
