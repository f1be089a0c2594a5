package source

import "sync/atomic"

// foldersOpen is how many directories are kept open for the files in them, so that the kernel need not look up the whole path of each:
// fewer than any system lets a process have.
const foldersOpen = 64

// folders counts the directories that are open.
type folders struct{ count atomic.Int32 }

// folder is an open directory. It is closed when nobody holds it any more.
type folder struct {
	openDir
	held atomic.Int32
	all  *folders
}

// open opens a directory for whoever calls.
func (f *folders) open(name string) (*folder, error) {
	dir, err := openDirectory(name)
	if err != nil {
		return nil, err
	}
	f.count.Add(1)
	opened := &folder{openDir: dir, all: f}
	opened.held.Store(1)
	return opened, nil
}

// crowded reports whether so many are open that none should be kept.
func (f *folders) crowded() bool { return f.count.Load() > foldersOpen }

// hold keeps a directory open until release; it reports whether it still was. nil is not open.
func (f *folder) hold() bool {
	if f == nil {
		return false
	}
	for {
		n := f.held.Load()
		if n == 0 {
			return false
		}
		if f.held.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// release undoes hold.
func (f *folder) release() {
	if f != nil && f.held.Add(-1) == 0 {
		f.all.count.Add(-1)
		f.close()
	}
}
