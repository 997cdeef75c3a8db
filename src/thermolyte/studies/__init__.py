"""What is asked of the problem. One file per study; a study asks a `Simulator` for solved points, and knows no equation."""
