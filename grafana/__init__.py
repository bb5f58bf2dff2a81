"""Grafana as code: signals → panels → boards → the committed JSON of dashboards/. Nothing here runs in production."""
