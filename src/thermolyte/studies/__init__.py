"""What is asked of the problem. A study asks a `Simulator` for solved points, and knows no equation."""
