// cdnlab version: which cdnlab this is.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  cdnlab version",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			return a.print([]byte(version() + "\n"))
		},
	}
}

func version() string {
	return fmt.Sprintf("cdnlab %s (%s, %s/%s)", release(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// release is the module's version, which Go makes of the tag or the commit that
// was built.
func release() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "built from source"
	}
	return info.Main.Version
}
