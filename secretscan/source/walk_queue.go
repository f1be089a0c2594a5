package source

import "sync"

// task is a directory to read, or a repository to let git list.
type task struct {
	tree *tree
	rel  string // the directory, below the tree: "" or ends with a slash
	repo bool   // let git list it
	root string // the repository's root, if that is not the tree's directory
	env  bool   // the repository is the one that GIT_DIR names
	top  bool   // whether it is a repository's root has been looked at
	git  bool   // it is the root of a repository that git could not list: its .git is not walked
	dev  uint64 // the device that the directory above is on; 0: unknown
}

// queue is the tasks that are left, last in first out, so that few are waiting at any time.
type queue struct {
	mu     sync.Mutex
	wake   sync.Cond
	tasks  []task
	active int // tasks that were taken and may still bring others
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.wake.L = &q.mu
	return q
}

func (q *queue) push(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tasks = append(q.tasks, t)
	q.wake.Signal()
}

// pop takes a task; it waits while there may still be one. Each call but the last must be followed by one of done.
func (q *queue) pop() (task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.tasks) == 0 && q.active > 0 && !q.closed {
		q.wake.Wait()
	}
	if len(q.tasks) == 0 || q.closed {
		q.wake.Broadcast()
		return task{}, false
	}
	t := q.tasks[len(q.tasks)-1]
	q.tasks[len(q.tasks)-1] = task{}
	q.tasks = q.tasks[:len(q.tasks)-1]
	q.active++
	return t, true
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

// close lets every pop return false.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Broadcast()
}
