package source

import (
	"bytes"
	"cmp"
	"context"
	"path"
	"slices"
	"sync"
	"sync/atomic"

	"keysweep/internal/odb"
	"keysweep/secretscan"
)

// gitSample is a content in which candidates are found again that look like remembered ones. It is not scanned whole, but only around
// where its candidates stood. That is safe: whether what is found there is what was found in the whole shows in the looks.
type gitSample struct {
	gitRecalled
	serves []gitRecall // those of its recalls whose looks it is for
	text   []byte      // what stands around its candidates; nil: it is not read yet
}

// samples picks, among contents that are known, some that have every look of a remembered candidate between them. The others are noted.
func (s *HistorySource) samples(memory *gitMemory, known []gitRecalled) (list []*gitSample, others []gitRecalled) {
	// A file gathers its secrets: a version with many has those of many others. The latest are the ones that git stores whole, or nearly so.
	slices.SortStableFunc(known, func(a, b gitRecalled) int { return cmp.Compare(len(b.recalls), len(a.recalls)) })
	seen := make([]bool, len(memory.looks))
	for _, one := range known {
		sample := gitSample{gitRecalled: one}
		for _, r := range one.recalls {
			if !seen[r.look] {
				seen[r.look] = true
				sample.serves = append(sample.serves, r)
			}
		}
		if sample.serves != nil {
			list = append(list, &sample)
		} else {
			others = append(others, one)
		}
	}
	return list, others
}

// gitFilesOf puts samples of the same path together: such are mostly made from the same version, which is then at hand.
func gitFilesOf(list []*gitSample) (files [][]*gitSample) {
	at := map[string]int{}
	for _, one := range list {
		i, known := at[one.blob.path]
		if !known {
			i = len(files)
			at[one.blob.path] = i
			files = append(files, nil)
		}
		files[i] = append(files[i], one)
	}
	return files
}

// Around where a candidate stood gitPartMargin bytes are looked at: an excerpt has less. From there a line is taken to its start, which
// the column is counted from, if it is not farther away than gitPartStart, and to its end, if that is near. The lines of a match are followed
// up to gitPartMost.
const (
	gitPartMargin = 1 << 10
	gitPartStart  = 64 << 10
	gitPartEnd    = 4 << 10
	gitPartMost   = 64 << 10
)

// take keeps what is needed of the content. All its candidates are, not only those that the sample is for: copies of a secret are masked
// in the excerpts of others.
func (g *gitSample) take(data []byte) {
	parts := make([][2]int, 0, len(g.recalls))
	for _, r := range g.recalls {
		from, to := gitPart(data, r.spot)
		parts = append(parts, [2]int{from, to})
	}
	slices.SortFunc(parts, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	g.text = []byte{}
	for i := 0; i < len(parts); {
		from, to := parts[i][0], parts[i][1]
		for i++; i < len(parts) && parts[i][0] <= to; i++ {
			to = max(to, parts[i][1])
		}
		g.text = append(append(g.text, data[from:to]...), "\n\n"...)
	}
}

// gitPart returns what to look at for a candidate. The spot is one that was remembered: data need not have it.
func gitPart(data []byte, spot secretscan.Spot) (from, to int) {
	at := int(min(max(spot.Offset, 0), int64(len(data))))
	from, to = max(at-gitPartMargin, 0), at
	before := max(from-gitPartStart, 0)
	from = before + bytes.LastIndexByte(data[before:from], '\n') + 1
	for range spot.Last - spot.First {
		n := bytes.IndexByte(data[to:min(at+gitPartMost, len(data))], '\n')
		if n < 0 {
			break
		}
		to += n + 1
	}
	to = min(to+gitPartMargin, len(data))
	after := data[to:min(to+gitPartEnd, len(data))]
	if n := bytes.IndexByte(after, '\n'); n >= 0 {
		after = after[:n]
	}
	return from, to + len(after)
}

// takeAll reads the samples. It returns those that have to be scanned like contents of which nothing is known: they are large, or
// not to be read without git.
func (s *HistorySource) takeAll(ctx context.Context, list []*gitSample) (rest []gitBlob) {
	if len(list) == 0 {
		return nil
	}
	if s.open() {
		var all sync.WaitGroup
		files := gitFilesOf(list)
		var next atomic.Int64
		for range min(s.opts.Workers, len(files)) {
			all.Go(func() {
				var buf []byte
				for i := int(next.Add(1)) - 1; i < len(files) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
					for _, one := range files[i] {
						buf = one.read(s.db, buf)
					}
				}
			})
		}
		all.Wait()
	}
	for _, one := range list {
		if one.text == nil {
			rest = append(rest, one.blob)
		}
	}
	return rest
}

// read reads the sample, if it can be had without git and is not large, in memory that is returned for the next one.
func (g *gitSample) read(db *odb.DB, buf []byte) []byte {
	kind, data, err := db.Read(g.blob.id, buf)
	if err != nil {
		return buf
	}
	if kind == odb.Blob && len(data) <= gitInMemory {
		g.take(data)
	}
	return data
}

// settle notes the contents that are put together from others': all that need not be scanned.
func (s *HistorySource) settle(sink secretscan.Sink, samples []*gitSample, others []gitRecalled) {
	s.recalled = others
	for _, one := range samples {
		if one.text != nil {
			s.sampled, s.recalled = append(s.sampled, one), append(s.recalled, one.gitRecalled)
		}
	}
	for _, one := range s.recalled {
		if b := one.blob; sink.Suspects([]byte(path.Base(b.path))) {
			sink.Name(secretscan.Blob{Kind: b.kind, Path: b.path, Object: b.id.String(), Deferred: true})
		}
	}
}

// resample learns the candidates of samples. A sample in which not all are found again that it is for is scanned whole.
func (f *gitFeed) resample(list []*gitSample, again *gitLearner, court secretscan.Court) error {
	for _, one := range list {
		again.learn(court.Scan(one.text))
		if again.knows(one.serves) {
			continue
		}
		whole, err := f.rescan(one.blob, court)
		if err != nil {
			return err
		}
		again.learn(whole)
	}
	return nil
}
