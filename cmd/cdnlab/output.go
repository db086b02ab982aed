// Output files: whether they can be written is found out before anything is
// played, and what they held stays until there is something whole to put there.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// output is a file that an option names: "" is none, "-" standard output.
type output struct{ option, path string }

// standard is the name of standard output.
const standard = "-"

// checkOutputs returns what is wrong with the files, all of them together too.
func checkOutputs(all ...output) error {
	used := map[string]string{}
	for _, o := range all {
		if o.path == "" {
			continue
		}
		name := filepath.Clean(o.path)
		if other := used[name]; other != "" {
			return fmt.Errorf("%s and %s: both would write to %s", other, o.option, o.path)
		}
		used[name] = o.option
		if err := o.check(); err != nil {
			return err
		}
	}
	return nil
}

// check reports why the file cannot be written. It leaves no trace: neither a
// new file nor an old one cut short.
func (o output) check() error {
	if o.path == standard {
		return nil
	}
	info, err := os.Stat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		name, file, err := o.beside()
		if err != nil {
			return o.wrap(err)
		}
		file.Close()
		return o.wrap(os.Remove(name))
	case err != nil:
		return o.wrap(err)
	case info.IsDir():
		return fmt.Errorf("%s: %s is a folder, not a file", o.option, o.path)
	}
	file, err := os.OpenFile(o.path, os.O_WRONLY, 0)
	if err != nil {
		return o.wrap(err)
	}
	return o.wrap(file.Close())
}

func (o output) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", o.option, err)
}

// beside creates a file of its own in the same folder.
func (o output) beside() (string, *os.File, error) {
	dir, base := filepath.Split(o.path)
	for i := 0; ; i++ {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%d-%d", base, os.Getpid(), i))
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		var failed *fs.PathError
		switch {
		case err == nil:
			return name, file, nil
		case errors.Is(err, fs.ErrExist) && i < 100:
			continue
		case errors.As(err, &failed): // the user knows the file by the name they gave
			return "", nil, fmt.Errorf("cannot write %s: %w", o.path, failed.Err)
		}
		return "", nil, err
	}
}

// put writes the text: to a new file first, which then takes the old one's
// place, so that whoever reads finds the one or the other, and whole. What is no
// plain file (/dev/stdout, a pipe) is written to directly, and so is a file
// whose folder does not let us replace it.
func (o output) put(text []byte) error {
	path, err := filepath.EvalSymlinks(o.path)
	if err != nil {
		path = o.path
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return o.wrap(os.WriteFile(path, text, 0))
	}
	if err != nil {
		info = nil
	}
	name, failed := output{o.option, path}.replace(text, info)
	if failed != nil && info != nil && name == "" {
		failed = os.WriteFile(path, text, 0)
	}
	return o.wrap(failed)
}

// replace puts a new file in the old one's place. When its text could not even
// be written (the disk is full), it returns the new file's name: then the old
// one had better be left alone.
func (o output) replace(text []byte, old fs.FileInfo) (unwritten string, err error) {
	name, file, err := o.beside()
	if err != nil {
		return "", err
	}
	_, err = file.Write(text)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(name)
		return name, err
	}
	if old != nil {
		err = os.Chmod(name, old.Mode().Perm())
	}
	if err == nil {
		err = os.Rename(name, o.path)
	}
	if err != nil {
		os.Remove(name)
	}
	return "", err
}

// deliver writes a text where an option says; "" is nowhere.
func (a *app) deliver(o output, text []byte) error {
	switch o.path {
	case "":
		return nil
	case standard:
		return a.print(text)
	}
	if err := o.put(text); err != nil {
		return broken(err)
	}
	return nil
}
