"""Prometheus, Alertmanager and Grafana beside a demo, where they stand on the PATH: set up as docker-compose.yml does."""
