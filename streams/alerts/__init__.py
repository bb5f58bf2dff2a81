"""Alerts beside the rules themselves: whom they reach and when, and how often they would have fired."""
