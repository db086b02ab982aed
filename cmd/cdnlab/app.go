// The program: its commands, and how an error becomes words and a status.
package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cdnlab/scenarios/strict"
)

// The exit statuses, the same for every command.
const (
	statusHolds       = 0
	statusFails       = 1   // an expectation does not hold
	statusUsage       = 2   // the command line or a scenario is wrong
	statusBroken      = 3   // the run could not be done
	statusInterrupted = 130 // by a signal; what was measured was printed
)

// exit ends a command with a status. Without an error all has been said already.
type exit struct {
	status int
	err    error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// broken is an error of a run that could not be done. The names of packages that
// our own errors begin with mean nothing to a user.
func broken(err error) error {
	text := strings.NewReplacer("live: ", "", "scenarios: ", "", "report: ", "", "strict: ", "").Replace(err.Error())
	return &exit{statusBroken, errors.New(text)}
}

// app is the program with its three streams.
type app struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs the program and returns its exit status.
func Main(args []string, in io.Reader, out, errs io.Writer) int {
	a := &app{in, out, errs}
	if len(args) == 1 && args[0] == "node" {
		return a.node() // before all else: a run starts many of these
	}
	err := a.execute(args)
	if err == nil {
		return statusHolds
	}
	if text := strings.TrimRight(err.Error(), "\n"); text != "" {
		fmt.Fprintln(errs, text)
	}
	var e *exit
	if errors.As(err, &e) {
		return e.status
	}
	return statusUsage // cobra's own errors are all of this kind
}

func (a *app) execute(args []string) error {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	if len(args) > 0 && !strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		if at, _, err := root.Find(args); err != nil && at == root {
			return unknownCommand(root, args)
		}
	}
	return root.Execute()
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "cdnlab",
		Short: "A CDN lab: one scenario file, played by real processes or in virtual time",
		Long: `cdnlab plays a small internet (clients, PoPs, balancers, servers and what goes
wrong between them) from one scenario file, by real processes on this machine
or in virtual time, and says what it measured and whether that was expected.

Exit status: 0 all expectations hold; 1 one fails, or a regression; 2 the command
line or the scenario is wrong; 3 the run could not be done; 130 interrupted.`,
		Example: `  cdnlab explain
  cdnlab run tokyo-new-york
  cdnlab request tokyo-new-york / --from Nairobi
  cdnlab compare server-crash --vary balancer.algorithm=all --runs 10
  cdnlab find server-crash --key load.rate --max --until 'latency.p99 < 200ms'
  cdnlab new my.toml --from product-hunt`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(a.helpCommand())
	group(root, "Play scenarios, and say what came of it:", a.runCommand(), a.compareCommand(), a.findCommand(), a.adviseCommand(), a.traceCommand(), a.testCommand())
	group(root, "Read stored results:", a.reportCommand(), a.diffCommand())
	group(root, "Understand:", a.explainCommand(), a.showCommand(), a.requestCommand(), a.listCommand(), a.calibrateCommand())
	group(root, "Write scenarios:", a.newCommand(), a.checkCommand(), a.schemaCommand())
	group(root, "Without a scenario:", a.judgeCommand(), a.linkCommand(), a.nodeCommand())
	root.AddCommand(a.completionCommand(), a.versionCommand())
	root.InitDefaultHelpCmd() // or it would be unknown until cobra runs
	return root
}

// group adds commands that stand together in the help.
func group(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, c := range commands {
		c.GroupID = title
	}
	root.AddCommand(commands...)
}

// helpCommand is `cdnlab help run`, for those who try that first.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Help on a command", Example: "  cdnlab help run",
		RunE: func(c *cobra.Command, args []string) error {
			at, _, err := c.Root().Find(args)
			if err != nil || at == c.Root() && len(args) > 0 {
				return unknownCommand(c.Root(), args)
			}
			return at.Help()
		},
	}
}

func unknownCommand(root *cobra.Command, args []string) error {
	name := args[0]
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			name = arg
			break
		}
	}
	var known []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			known = append(known, c.Name())
		}
	}
	return fmt.Errorf("unknown command %q; %s", name, suggest(name, known, "commands"))
}

// flagError says which flag was meant.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		var known []string
		c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
		dashes := "--"
		if unknown.GetSpecifiedShortnames() != "" {
			dashes = "-"
		}
		return fmt.Errorf("%s: unknown flag %s%s; %s", c.CommandPath(), dashes, name, suggest("--"+name, known, "flags"))
	case errors.As(err, &value) && value.GetFlag().Value.Type() == "": // a text with a form of its own, which knows why
		return fmt.Errorf("%s: --%s: %w", c.CommandPath(), value.GetFlag().Name, errors.Unwrap(value))
	case errors.As(err, &value):
		return fmt.Errorf("%s: --%s %s: must be %s", c.CommandPath(), value.GetFlag().Name, value.GetValue(), kindOf(value.GetFlag()))
	case errors.As(err, &missing):
		return fmt.Errorf("%s: --%s needs a value", c.CommandPath(), missing.GetSpecifiedName())
	}
	return fmt.Errorf("%s: %w", c.CommandPath(), err)
}

func kindOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "uint64":
		return "a whole number, not negative"
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	}
	return "a " + f.Value.Type()
}

// suggest names the nearest known name, or all of them.
func suggest(name string, known []string, kind string) string {
	if near := strict.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "known " + kind + ": " + strings.Join(known, ", ")
}

// oneArgument wants exactly one.
func oneArgument(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return fmt.Errorf("%s: give %s\nfor example:\n%s", c.CommandPath(), what, c.Example)
		case len(args) > 1:
			return fmt.Errorf("%s: one argument at a time, not %d: %s", c.CommandPath(), len(args), strings.Join(args, " "))
		}
		return nil
	}
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument, but was given %q", c.CommandPath(), args[0])
	}
	return nil
}
