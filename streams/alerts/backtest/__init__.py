"""How often alert rules would have fired over stored history: figures → a Prometheus of their own → expressions → firings."""
