"""Where figures and positions live together: one contract, kept by Redis in production and by memory in unit tests."""
