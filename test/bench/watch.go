package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// sample is one run.
type sample struct {
	seconds float64
	mebi    float64 // 0 where it cannot be measured
}

// lookEvery is how often memory is read: often enough to catch a peak, seldom enough not to be one itself.
const lookEvery = 10 * time.Millisecond

// watch runs a command and notes how long it took and the most memory that it and its children held at the same time.
func watch(cmd *exec.Cmd) (one sample, err error) {
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return one, err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case err := <-exited:
			one.seconds = time.Since(begin).Seconds()
			return one, err
		case <-look.C:
			one.mebi = max(one.mebi, float64(residentBytes(cmd.Process.Pid))/(1<<20))
		}
	}
}

// residentBytes is the memory of a process and its children, as Linux tells it; elsewhere it is 0. What they share counts
// for each.
func residentBytes(pid int) (bytesHeld int) {
	proc := fmt.Sprintf("/proc/%d", pid)
	statm, err := os.ReadFile(filepath.Join(proc, "statm"))
	if err != nil {
		return 0
	}
	if fields := bytes.Fields(statm); len(fields) > 1 {
		pages, _ := strconv.Atoi(string(fields[1]))
		bytesHeld = pages * os.Getpagesize()
	}
	// A thread's children, of each of its threads.
	lists, _ := filepath.Glob(filepath.Join(proc, "task", "*", "children"))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, child := range bytes.Fields(children) {
			if pid, err := strconv.Atoi(string(child)); err == nil {
				bytesHeld += residentBytes(pid)
			}
		}
	}
	return bytesHeld
}
