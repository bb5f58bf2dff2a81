"""Speed, measured: `make bench`. Every system does its work on the same broker, on the same events, in one run."""
