"""What may be on the wire, once: events as pydantic models, topics as YAML; everything else here is generated."""
