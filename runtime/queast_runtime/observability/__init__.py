"""What an operator sees: a structured log, and the fault points that tests stop a worker at."""
