package rotation

import (
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
)

// parallel calls work for 0 to n-1, on all processors, and returns the error of the smallest number that failed in its share.
func parallel(n int, work func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := n * w / workers; i < n*(w+1)/workers && errs[w] == nil; i++ {
				errs[w] = work(i)
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// DecodeRecords reads records that were written as JSON, each one a whole.
func DecodeRecords(lines [][]byte) ([]Record, error) {
	records := make([]Record, len(lines))
	err := parallel(len(lines), func(i int) error {
		if err := records[i].read(lines[i]); err != nil {
			return fmt.Errorf("record %d: %w", i+1, err)
		}
		return nil
	})
	return records, err
}

// EncodeRecords is the way back.
func EncodeRecords(records []Record) ([][]byte, error) {
	lines := make([][]byte, len(records))
	err := parallel(len(records), func(i int) (err error) {
		lines[i], err = json.Marshal(records[i])
		return err
	})
	return lines, err
}

// RecordID returns the ID out of a record as JSON; "" if it has none.
func RecordID(line []byte) (id string) {
	_ = elements(line, '{', '}', func(data []byte) ([]byte, error) {
		name, data, err := cutValue(data)
		if err != nil || len(data) == 0 {
			return nil, errJSON
		}
		v, data, err := cutValue(data[1:])
		if err == nil && string(name) == `"id"` {
			_ = v.text(&id)
			return nil, nil // no further
		}
		return data, err
	})
	return id
}
