// --net: what plays the paths of a live run.
package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/sim/live/kernel"
)

// The nets.
const (
	netLinks  = "links"
	netKernel = "kernel"
)

var nets = []string{netLinks, netKernel}

func (p *play) netFlag(c *cobra.Command) {
	c.Flags().StringVar(&p.net, "net", netLinks,
		"what plays the paths of a live run: links (the lab's own, on loopback) or kernel (the kernel's own TCP, each end in a `NET`work namespace; Linux, as root)")
	complete(c, "net", completeWords(nets))
}

func (p *play) checkNet() error {
	switch {
	case p.net != "" && !slices.Contains(nets, p.net): // commands without the flag have none
		return fmt.Errorf("--net %s: %s", p.net, suggest(p.net, nets, "nets"))
	case p.net == netKernel && p.world == report.Virtual:
		return fmt.Errorf("--net kernel is for live runs: there is no kernel in virtual time")
	}
	return nil
}

// kernelReady reports why the kernel cannot play what was asked for.
func (p *play) kernelReady() error {
	if p.net != netKernel {
		return nil
	}
	for _, v := range p.x.Variants {
		if err := v.KernelCannot(p.speed); err != nil {
			return err
		}
	}
	if _, err := kernel.Supported(); err != nil {
		return broken(err)
	}
	return nil
}
