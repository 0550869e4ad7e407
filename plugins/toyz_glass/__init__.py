"""Free-form models of gravitational lenses: a library (`toyz_glass.core`) and a command."""
