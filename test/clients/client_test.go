package fusetrace

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWaits(t *testing.T) {
	monitor, err := Connect("")
	if err != nil {
		t.Fatal(err)
	}
	defer monitor.Close()
	since, err := monitor.Mark("here")
	if err != nil {
		t.Fatal(err)
	}
	err = monitor.Step("create", func() error {
		return os.WriteFile(filepath.Join(os.Getenv("MOUNT"), "go.txt"), []byte("x"), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	result, err := monitor.Wait("file-visible", []string{"go.txt"}, Options{Since: since})
	if err != nil || result.Operation == nil || result.Operation.Status != "ok" {
		t.Fatal(result, err)
	}
	if _, err = monitor.Wait("operation", nil, Options{Since: "here", Params: map[string]any{"opcode": "create"}}); err != nil {
		t.Fatal(err)
	}
	_, err = monitor.Wait("deleted", []string{"go.txt"}, Options{Timeout: 50 * time.Millisecond})
	var unmet *WaitError
	if !errors.As(err, &unmet) || unmet.Code != "FT_WAIT_TIMEOUT" {
		t.Fatal(err)
	}
	if err = monitor.Fence(); err != nil {
		t.Fatal(err)
	}
	operations, err := monitor.Operations(since)
	if err != nil || len(operations) == 0 {
		t.Fatal(operations, err)
	}
	if err = monitor.Call("nothing", nil, nil); err == nil {
		t.Fatal("a method that is none was served")
	}
}

func TestNoMonitor(t *testing.T) {
	if _, err := Connect(filepath.Join(t.TempDir(), "none.sock")); !errors.Is(err, ErrNoMonitor) {
		t.Fatal(err)
	}
}
