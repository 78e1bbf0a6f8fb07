// Package fusetrace waits for what a FUSE file system has really done: a client of a monitor that `fusetrace serve` or
// `fusetrace record --workload` serves. One file, standard library only; copy it into your module.
//
//	monitor, err := fusetrace.Connect("")            // FUSETRACE_SOCKET
//	since, err := monitor.Mark("")
//	os.WriteFile(filepath.Join(mnt, "a.txt"), nil, 0o644)
//	result, err := monitor.Wait("file-visible", []string{"a.txt"}, fusetrace.Options{Since: since})
package fusetrace

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const protocol = 1

// Operation is a FUSE request and its reply, as `fusetrace show --operations --json` prints it.
type Operation struct {
	ID      int64   `json:"id"`
	Opcode  string  `json:"opcode"`
	Path    *string `json:"path"`
	NewPath *string `json:"newPath"`
	Name    *string `json:"name"`
	StartNs int64   `json:"startNs"`
	EndNs   *int64  `json:"endNs"`
	Status  string  `json:"status"`
	Errno   *string `json:"errno"`
	Pid     *int64  `json:"pid"`
}

// Result is a wait that was satisfied.
type Result struct {
	Operation  *Operation  `json:"operation"`
	Operations []Operation `json:"operations"`
	By         string      `json:"by"`
	WaitedNs   int64       `json:"waitedNs"`
	Note       string      `json:"note"`
}

// WaitError says why a wait was not satisfied; its text is the whole explanation.
type WaitError struct {
	Code, Reason, Hint, Explanation string
}

func (e *WaitError) Error() string { return e.Explanation }

// Options of a wait; zero values are the defaults.
type Options struct {
	Timeout time.Duration
	// Since is a mark, or the name of one; by default the begin of the latest step.
	Since string
	// Params are those of the kind, as src/serve/README.md lists them: {"opcode": "create", "errno": "EEXIST"}.
	Params map[string]any
}

// Monitor is a connection to a served monitor; goroutines may share it.
type Monitor struct {
	Mountpoint string
	conn       net.Conn
	write      sync.Mutex
	mu         sync.Mutex
	next       int64
	pending    map[int64]chan answer
	gone       error
}

type answer struct {
	ID     int64           `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Data    struct {
			Code, Reason, Hint, Explanation string
		} `json:"data"`
	} `json:"error"`
}

// ErrNoMonitor is what Connect's errors are when no monitor is served or answers: a test may skip on it (errors.Is).
var ErrNoMonitor = errors.New("no monitor")

// helloTimeout is how long a monitor may take to say hello.
const helloTimeout = 30 * time.Second

// Connect to the monitor at a socket, or, for "", at FUSETRACE_SOCKET.
func Connect(socket string) (*Monitor, error) {
	if socket == "" {
		socket = os.Getenv("FUSETRACE_SOCKET")
	}
	if socket == "" {
		return nil, fmt.Errorf("%w is served: run under `fusetrace record --workload`, or start `fusetrace serve`", ErrNoMonitor)
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("%w answers at %s: %v", ErrNoMonitor, socket, err)
	}
	m := &Monitor{conn: conn, pending: map[int64]chan answer{}}
	conn.SetDeadline(time.Now().Add(helloTimeout))
	go m.read()
	var hello struct {
		Protocol   int     `json:"protocol"`
		Mountpoint *string `json:"mountpoint"`
	}
	if err := m.Call("hello", nil, &hello); err != nil {
		conn.Close()
		return nil, fmt.Errorf("%w answers at %s: %v", ErrNoMonitor, socket, err)
	}
	conn.SetDeadline(time.Time{})
	if hello.Protocol != protocol {
		conn.Close()
		return nil, fmt.Errorf("the monitor speaks protocol %d, this client %d", hello.Protocol, protocol)
	}
	if hello.Mountpoint != nil {
		m.Mountpoint = *hello.Mountpoint
	}
	return m, nil
}

func (m *Monitor) read() {
	reader := bufio.NewReader(m.conn)
	err := errors.New("the monitor has gone")
	for {
		line, readErr := reader.ReadBytes('\n')
		if readErr != nil {
			break
		}
		var a answer
		if json.Unmarshal(line, &a) != nil {
			continue
		}
		m.mu.Lock()
		if ch := m.pending[a.ID]; ch != nil {
			delete(m.pending, a.ID)
			ch <- a
		}
		m.mu.Unlock()
	}
	m.mu.Lock()
	m.gone = err
	for _, ch := range m.pending {
		close(ch)
	}
	m.pending = nil
	m.mu.Unlock()
}

// Call a method of the protocol.
func (m *Monitor) Call(method string, params map[string]any, result any) error {
	if params == nil {
		params = map[string]any{}
	}
	ch := make(chan answer, 1)
	m.mu.Lock()
	m.next++
	id := m.next
	m.mu.Unlock()
	message, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	if err != nil {
		return err
	}
	m.mu.Lock()
	if m.gone != nil {
		m.mu.Unlock()
		return m.gone
	}
	m.pending[id] = ch
	m.mu.Unlock()
	m.write.Lock()
	_, err = m.conn.Write(append(message, '\n'))
	m.write.Unlock()
	if err != nil {
		m.mu.Lock()
		delete(m.pending, id)
		m.mu.Unlock()
		return fmt.Errorf("the monitor has gone: %w", err)
	}
	a, ok := <-ch
	if !ok {
		return m.gone
	}
	if a.Error != nil {
		if d := a.Error.Data; a.Error.Code == 1 {
			return &WaitError{d.Code, d.Reason, d.Hint, d.Explanation}
		}
		return errors.New(a.Error.Message)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(a.Result, result)
}

// Wait for a kind of thing: `fusetrace wait --help` lists them. Not satisfied is a *WaitError.
func (m *Monitor) Wait(kind string, args []string, options Options) (*Result, error) {
	if args == nil {
		args = []string{}
	}
	params := map[string]any{"kind": kind, "args": args}
	for key, value := range options.Params {
		params[key] = value
	}
	if options.Timeout > 0 {
		params["timeoutMs"] = float64(options.Timeout) / 1e6
	}
	if options.Since != "" {
		params["since"] = options.Since
	}
	result := new(Result)
	if err := m.Call("wait", params, result); err != nil {
		return nil, err
	}
	return result, nil
}

// Mark gives a mark, for Options.Since; name may be "".
func (m *Monitor) Mark(name string) (string, error) {
	params := map[string]any{}
	if name != "" {
		params["name"] = name
	}
	var result struct {
		Mark string `json:"mark"`
	}
	err := m.Call("mark", params, &result)
	return result.Mark, err
}

// Step runs a named piece of the run; waits look from its begin on.
func (m *Monitor) Step(name string, fn func() error) error {
	if err := m.Call("step.begin", map[string]any{"name": name}, nil); err != nil {
		return err
	}
	err := fn()
	if ended := m.Call("step.end", map[string]any{"name": name}, nil); err == nil {
		err = ended
	}
	return err
}

// Operations since a mark ("" for all), oldest first.
func (m *Monitor) Operations(since string) ([]Operation, error) {
	params := map[string]any{}
	if since != "" {
		params["since"] = since
	}
	var result struct {
		Operations []Operation `json:"operations"`
	}
	err := m.Call("operations", params, &result)
	return result.Operations, err
}

// Fence returns when all that the daemon has answered so far is known to the monitor.
func (m *Monitor) Fence() error { return m.Call("fence", nil, nil) }

// Stop ends the monitor, and the daemon that it has started.
func (m *Monitor) Stop() error { return m.Call("stop", nil, nil) }

// Close the connection; the monitor goes on.
func (m *Monitor) Close() error { return m.conn.Close() }
