// The shape poisson.
package load

// The requests over time; Total = rate t:
//
//	rate |█ ██  █ ███   █   requests come independently of each other,
//	     |█ ██ ██ ███ █ ██  so some moments see many: what users do
//	     +--------------- t
func init() {
	Shapes.Add("poisson", "a constant rate, but requests come at random (exponential gaps)", Kind{
		Needs: []string{"rate"},
		Make:  makeConstant,
	})
}
