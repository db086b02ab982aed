package scenarios

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/sim/live"
)

func TestProfileLive(t *testing.T) {
	file, data, _ := Find("product-hunt")
	x, err := Load(file, data)
	if err != nil {
		t.Fatal(err)
	}
	want := os.Getenv("VARIANT")
	var keep []*Resolved
	for _, v := range x.Variants {
		if v.Variant == want {
			keep = append(keep, v)
		}
	}
	x.Variants = keep
	debug.SetGCPercent(400)
	command, _ := live.Self()
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Live}, Command: command, Progress: progress.New(os.Stderr, progress.Auto)})
	if err != nil {
		t.Fatal(err)
	}
	report.Comparison(os.Stdout, r, report.Options{})
	report.Receipts(os.Stdout, r, report.Options{})
	fmt.Println(strings.Repeat("-", 10))
}
